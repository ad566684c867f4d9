// Package az holds the tests that drive a cloud with the real, unmodified Azure CLI. There is no code in it but tests.
package az
