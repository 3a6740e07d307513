package dev.imageshare.embedded;

/** A clouds.yaml with the one entry {@code directory}. */
final class DirectoryEntry {
    private DirectoryEntry() {}

    /** @param scope the line that says what the login is for */
    static String ofPerson(String authUrl, String user, String password, String scope) {
        return """
                clouds:
                  directory:
                    auth_type: password
                    auth:
                      auth_url: %s
                      username: %s
                      password: %s
                      user_domain_name: Default
                      %s
                """.formatted(authUrl, user, password, scope);
    }

    static String ofCredential(String authUrl, String id, String secret) {
        return """
                clouds:
                  directory:
                    auth_type: v3applicationcredential
                    auth:
                      auth_url: %s
                      application_credential_id: %s
                      application_credential_secret: %s
                """.formatted(authUrl, id, secret);
    }
}
