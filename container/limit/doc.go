// Package limit has the bounds of container groups: how much one may ask for, and
// how many a subscription may have. It counts; it knows no groups.
package limit
