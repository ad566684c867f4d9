// Package principal looks people and programs up in Microsoft Graph, for commands
// that take them by name.
//
// It does not know: what is done with them.
package principal
