/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All of the module pilotbench-tls.so but what it takes from base/. */
#include "messages/jsonl/tls.h"

#include "base/wall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pb_tls {
    SSL_CTX *context;
    SSL *ssl;
    int descriptor;
};

/* OpenSSL's newest reason; its queue is empty after that. */
static enum pb_status failed(enum pb_status status, const char *what, struct pb_error *error) {
    unsigned long code = ERR_peek_last_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    int number = code ? ERR_GET_REASON(code) : errno;
    ERR_clear_error();
    return pb_fail(error, status, number, "tls", "%s: %s", what, reason ? reason : "the connection broke");
}

/* After a call that gave `result`: waits for what it wants. PB_OK: call it again. */
static enum pb_status await(struct pb_tls *tls, int result, pb_instant deadline, const char *what,
                            struct pb_error *error) {
    int wants = SSL_get_error(tls->ssl, result);
    if (wants == SSL_ERROR_ZERO_RETURN) return pb_fail(error, PB_ERR_GONE, 0, "tls", "%s: the peer has closed", what);
    if (wants == SSL_ERROR_SSL && ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return failed(PB_ERR_GONE, what, error); /* it has closed without saying so */
    if (wants == SSL_ERROR_SYSCALL) return failed(PB_ERR_GONE, what, error);
    if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) return failed(PB_ERR_PROTOCOL, what, error);
    struct pollfd entry = {.fd = tls->descriptor, .events = wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT};
    int ready = poll(&entry, 1, pb_wall_poll_ms(deadline));
    if (ready > 0 || (ready < 0 && errno == EINTR)) return PB_OK;
    if (ready == 0) return pb_fail(error, PB_ERR_TIMEOUT, ETIMEDOUT, "tls", "%s: no answer in time", what);
    return pb_fail(error, PB_ERR_IO, errno, "tls", "%s: %s", what, strerror(errno));
}

static enum pb_status load_files(SSL_CTX *context, const struct pb_tls_setup *setup, struct pb_error *error) {
    if (!setup->authorities && !setup->is_server)
        return pb_fail(error, PB_ERR_INPUT, 0, "tls",
                       "found no authorities, expected the file of those who may sign the server's certificate");
    if (setup->authorities && SSL_CTX_load_verify_locations(context, setup->authorities, NULL) != 1)
        return failed(PB_ERR_INPUT, "reading the authorities' certificates", error);
    if (!setup->certificate) return PB_OK;
    if (SSL_CTX_use_certificate_chain_file(context, setup->certificate) != 1)
        return failed(PB_ERR_INPUT, "reading the certificate", error);
    if (!setup->key || SSL_CTX_use_PrivateKey_file(context, setup->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return failed(PB_ERR_INPUT, "reading the certificate's key", error);
    return PB_OK;
}

static bool set_name(SSL *ssl, const char *name) {
    uint8_t numeric[16];
    bool is_numeric = inet_pton(AF_INET, name, numeric) == 1 || inet_pton(AF_INET6, name, numeric) == 1;
    if (is_numeric) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

static enum pb_status prepare(struct pb_tls *tls, const struct pb_tls_setup *setup, struct pb_error *error) {
    int verify = SSL_VERIFY_PEER | (setup->is_server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
    tls->context = SSL_CTX_new(setup->is_server ? TLS_server_method() : TLS_client_method());
    if (!tls->context || SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) != 1)
        return failed(PB_ERR_MEMORY, "beginning", error);
    enum pb_status status = load_files(tls->context, setup, error);
    if (status != PB_OK) return status;
    SSL_CTX_set_verify(tls->context, setup->authorities ? verify : SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_mode(tls->context, SSL_MODE_AUTO_RETRY);
    tls->ssl = SSL_new(tls->context);
    if (!tls->ssl || SSL_set_fd(tls->ssl, tls->descriptor) != 1) return failed(PB_ERR_MEMORY, "beginning", error);
    if (!setup->is_server && setup->name && !set_name(tls->ssl, setup->name))
        return failed(PB_ERR_INPUT, "taking the server's name", error);
    if (setup->is_server) SSL_set_accept_state(tls->ssl);
    else SSL_set_connect_state(tls->ssl);
    return PB_OK;
}

/* Why a certificate was not taken, behind OpenSSL's "certificate verify failed". */
static void add_reason(const struct pb_tls *tls, struct pb_error *error) {
    long result = tls->ssl ? SSL_get_verify_result(tls->ssl) : X509_V_OK;
    size_t used = strlen(error->text);
    if (result != X509_V_OK)
        snprintf(error->text + used, sizeof error->text - used, " (%s)", X509_verify_cert_error_string(result));
}

static void tls_close(struct pb_tls *tls) {
    if (!tls) return;
    if (tls->ssl && SSL_is_init_finished(tls->ssl)) (void)SSL_shutdown(tls->ssl);
    SSL_free(tls->ssl);
    SSL_CTX_free(tls->context);
    ERR_clear_error();
    free(tls);
}

static enum pb_status tls_open(int descriptor, const struct pb_tls_setup *setup, pb_instant deadline,
                               struct pb_tls **ret_tls, struct pb_error *error) {
    struct pb_tls *tls = calloc(1, sizeof *tls);
    if (!tls) return pb_fail(error, PB_ERR_MEMORY, 0, "tls", "no memory");
    tls->descriptor = descriptor;
    ERR_clear_error();
    enum pb_status status = prepare(tls, setup, error);
    while (status == PB_OK) {
        int result = SSL_do_handshake(tls->ssl);
        if (result == 1) break;
        status = await(tls, result, deadline, "shaking hands", error);
        if (status != PB_OK) add_reason(tls, error);
    }
    if (status != PB_OK) {
        tls_close(tls);
        return status;
    }
    *ret_tls = tls;
    return PB_OK;
}

static char *tls_describe(const struct pb_tls *tls, char *ret_text, size_t size) {
    char subject[160] = "no certificate";
    X509 *certificate = SSL_get1_peer_certificate(tls->ssl);
    BIO *memory = certificate ? BIO_new(BIO_s_mem()) : NULL;
    if (memory && X509_NAME_print_ex(memory, X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE) > 0) {
        int length = BIO_read(memory, subject, sizeof subject - 1);
        subject[length > 0 ? length : 0] = 0;
    }
    BIO_free(memory);
    X509_free(certificate);
    snprintf(ret_text, size, "%s, %s, %s", SSL_get_version(tls->ssl), SSL_get_cipher_name(tls->ssl), subject);
    return ret_text;
}

static enum pb_status tls_write(struct pb_tls *tls, const void *bytes, size_t size, pb_instant deadline,
                                struct pb_error *error) {
    ERR_clear_error();
    for (;;) {
        size_t written;
        int result = SSL_write_ex(tls->ssl, bytes, size, &written);
        if (result == 1) return PB_OK; /* without partial writes: all of it */
        enum pb_status status = await(tls, result, deadline, "writing", error);
        if (status != PB_OK) return status;
    }
}

static enum pb_status tls_read(struct pb_tls *tls, void *ret_bytes, size_t size, pb_instant deadline, size_t *ret_size,
                               struct pb_error *error) {
    ERR_clear_error();
    for (;;) {
        int result = SSL_read_ex(tls->ssl, ret_bytes, size, ret_size);
        if (result == 1) return PB_OK;
        enum pb_status status = await(tls, result, deadline, "reading", error);
        if (status != PB_OK) return status;
    }
}

const struct pb_tls_calls pb_tls_calls = {
    .open = tls_open, .describe = tls_describe, .close = tls_close, .write = tls_write, .read = tls_read};
