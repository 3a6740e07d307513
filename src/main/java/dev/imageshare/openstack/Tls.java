package dev.imageshare.openstack;

import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;

/**
 * The trust configuration of a client.
 *
 * @param sockets makes connections; the user must check the host's name
 * @param trust what {@code sockets} trusts
 */
public record Tls(SSLSocketFactory sockets, X509TrustManager trust) {}
