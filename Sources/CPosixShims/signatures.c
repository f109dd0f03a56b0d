// Signatures of Ed25519 by OpenSSL's libcrypto (openssl/evp.h, the same since 1.1.1), without its header: the library
// is looked for when it is needed.
#if defined(__linux__)

#include "CPosixShims.h"

#include <dlfcn.h>
#include <stdlib.h>

/// EVP_PKEY_ED25519 (openssl/obj_mac.h).
enum { ED25519 = 1087 };

struct p2p_signatures {
    void *(*new_key)(int type, void *engine, const unsigned char *key, size_t length);
    void (*free_key)(void *key);
    void *(*new_context)(void);
    void (*free_context)(void *context);
    int (*begin)(void *context, void **key_context, const void *digest, void *engine, void *key);
    int (*verify)(
        void *context, const unsigned char *signature, size_t signature_length, const unsigned char *message,
        size_t length);
};

const struct p2p_signatures *p2p_signatures_open(const char *name) {
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return NULL;
    struct p2p_signatures *library = calloc(1, sizeof *library);
    if (!library) return NULL;
    *(void **)&library->new_key = dlsym(handle, "EVP_PKEY_new_raw_public_key");
    *(void **)&library->free_key = dlsym(handle, "EVP_PKEY_free");
    *(void **)&library->new_context = dlsym(handle, "EVP_MD_CTX_new");
    *(void **)&library->free_context = dlsym(handle, "EVP_MD_CTX_free");
    *(void **)&library->begin = dlsym(handle, "EVP_DigestVerifyInit");
    *(void **)&library->verify = dlsym(handle, "EVP_DigestVerify");
    if (library->new_key && library->free_key && library->new_context && library->free_context && library->begin &&
        library->verify)
        return library;
    free(library);
    dlclose(handle);
    return NULL;
}

int p2p_signature_is_right(
    const struct p2p_signatures *library, const uint8_t key[32], const uint8_t signature[64], const uint8_t *message,
    size_t length) {
    int is_right = 0;
    void *public_key = library->new_key(ED25519, NULL, key, 32);
    void *context = public_key ? library->new_context() : NULL;
    if (context && library->begin(context, NULL, NULL, NULL, public_key) == 1)
        is_right = library->verify(context, signature, 64, message, length) == 1;
    if (context) library->free_context(context);
    if (public_key) library->free_key(public_key);
    return is_right;
}

#endif
