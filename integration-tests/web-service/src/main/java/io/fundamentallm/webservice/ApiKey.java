package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The key that clients have to show, where the settings have one. Immutable. */
@Component
final class ApiKey {
  private static final String SCHEME = "Bearer ";

  private final byte @Nullable [] expected;

  ApiKey(ServiceSettings settings) {
    expected = bytes(settings.apiKey());
  }

  /** The key as a header brings it, which is without space around it; null where there is none. */
  private static byte @Nullable [] bytes(@Nullable String setting) {
    String key = setting == null ? "" : setting.strip();
    if (key.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw new CannotStart(
          "fundamentallm.api-key has a character that is not printable ASCII, which no client could"
              + " send",
          "Give a key of letters, digits and the signs of a keyboard.",
          null);
    }
    return key.isEmpty() ? null : key.getBytes(UTF_8);
  }

  /** Whether clients are asked for it. */
  boolean isAsked() {
    return expected != null;
  }

  /** Whether a header is of the form that brings a key. */
  static boolean isBrought(@Nullable String authorization) {
    return authorization != null
        && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
  }

  /** Whether a header brings the key, and it is the right one. */
  boolean isShown(@Nullable String authorization) {
    if (expected == null || authorization == null || !isBrought(authorization)) {
      return false;
    }
    byte[] shown = authorization.substring(SCHEME.length()).trim().getBytes(UTF_8);
    // takes as long for a key that is wrong at its end as at its beginning
    return MessageDigest.isEqual(expected, shown);
  }
}
