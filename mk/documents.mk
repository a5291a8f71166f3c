CHECKS += check-documents

# After check-static, which compiles what is tested here.
.PHONY: check-documents
check-documents: check-static ## README to the letter as root and as a user, every command line of the documents, the short tests as a user
	CGO_ENABLED=0 $(GO) test -vet=off -v -run '^TestShort$$' ./internal/documents
	CGO_ENABLED=0 $(GO) test -vet=off -skip '^TestShort$$' ./internal/documents
