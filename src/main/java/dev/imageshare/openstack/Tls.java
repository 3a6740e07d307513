package dev.imageshare.openstack;

import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Whom a client trusts.
 *
 * @param sockets makes connections; whoever uses it checks the host's name
 * @param trust what {@code sockets} trusts
 */
public record Tls(SSLSocketFactory sockets, X509TrustManager trust) {}
