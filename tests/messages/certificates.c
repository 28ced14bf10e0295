/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/messages/certificates.h"

#include "tests/support/check.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static FILE *file_of(const char *folder, const char *name, const char *kind, const char *mode) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, kind);
    FILE *file = fopen(path, mode);
    PB_CHECK_TRUE(file, "%s", path);
    return file;
}

static void extend(X509 *certificate, int kind, const char *value) {
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);
    PB_CHECK_TRUE(extension && X509_add_ext(certificate, extension, -1) == 1, "%s", value);
    X509_EXTENSION_free(extension);
}

void make_certificate(const char *folder, const char *name, const char *authority) {
    static long serial = 1;
    char names[200];
    EVP_PKEY *key = EVP_EC_gen("P-256"), *signer = key;
    X509 *certificate = X509_new(), *issuer = certificate;
    PB_CHECK_TRUE(key && certificate, "no key");
    if (authority) {
        FILE *from = file_of(folder, authority, "key", "r");
        signer = PEM_read_PrivateKey(from, NULL, NULL, NULL);
        fclose(from);
        from = file_of(folder, authority, "pem", "r");
        issuer = PEM_read_X509(from, NULL, NULL, NULL);
        fclose(from);
        PB_CHECK_TRUE(signer && issuer, "no authority");
    }
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -86400);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, (const unsigned char *)name, -1,
                               -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    snprintf(names, sizeof names, "DNS:%s,IP:127.0.0.1", name);
    extend(certificate, NID_subject_alt_name, names);
    extend(certificate, NID_basic_constraints, authority ? "CA:FALSE" : "critical,CA:TRUE");
    PB_CHECK_TRUE(X509_sign(certificate, signer, EVP_sha256()) > 0, "not signed");
    FILE *to = file_of(folder, name, "key", "w");
    PB_CHECK_TRUE(PEM_write_PrivateKey(to, key, NULL, NULL, 0, NULL, NULL) == 1, "key not written");
    fclose(to);
    to = file_of(folder, name, "pem", "w");
    PB_CHECK_TRUE(PEM_write_X509(to, certificate) == 1, "certificate not written");
    fclose(to);
    if (authority) {
        EVP_PKEY_free(signer);
        X509_free(issuer);
    }
    EVP_PKEY_free(key);
    X509_free(certificate);
}
