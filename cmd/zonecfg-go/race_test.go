//go:build race

package main

func init() { sampled = 10 }
