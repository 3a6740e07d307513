package dev.imageshare.notifier;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Somebody who gets messages.
 *
 * @param key names it in a status, where no address may be; who doesn't know all contacts can't tell whose it is
 * @param address a mail address; empty for the one receiver of a webhook
 */
record Recipient(String key, String address) {

    /** Of a type that has one receiver, which tells its people itself. */
    static final Recipient WEBHOOK = new Recipient("", "");

    private static final int KEY_BYTES = 8;

    /** @param secret what the key is made with, and isn't known outside of the Secret */
    static Recipient of(String address, byte[] secret) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            var hash = mac.doFinal(address.getBytes(StandardCharsets.UTF_8));
            return new Recipient(HexFormat.of().formatHex(hash, 0, KEY_BYTES), address);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC-SHA256", e);
        }
    }

    /** Never its address. */
    @Override
    public String toString() {
        return "Recipient[" + key + "]";
    }
}
