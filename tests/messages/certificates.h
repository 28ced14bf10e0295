/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and certificates for tests of TLS, made anew in a folder: NAME.key, NAME.pem. */
#ifndef PB_TESTS_CERTIFICATES_H
#define PB_TESTS_CERTIFICATES_H

/* An authority of its own when `authority` is NULL; else signed by that one of the same folder. For 127.0.0.1 and the DNS name `name`. */
void make_certificate(const char *folder, const char *name, const char *authority);

#endif
