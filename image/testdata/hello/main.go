// Command hello is the smallest static program: what image tests pack.
package main

func main() { println("hello") }
