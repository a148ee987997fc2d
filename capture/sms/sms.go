// Package sms is what an SMS is: whose number it comes from, what its text weighs, and what the text asks for.
//
// An address has one canonical spelling (Canonical); fake numbers come from a Pool of numbers that reach nobody;
// Measure says in which encoding and how many parts a text travels; a
// Classifier says whether it is a keyword, a reaction or free text. Everything here is pure: nothing is read,
// written or changed, and every function and method may be called from any goroutine.
package sms
