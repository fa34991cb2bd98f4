package io.fundamentallm.webservice.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.webservice.settings.CannotStart;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The key that clients must show, if the settings have one. Immutable. */
@Component
final class ApiKey {
  /** The header in which Anthropic's clients send the key alone. */
  static final String ANTHROPIC = "x-api-key";

  private static final String SCHEME = "Bearer ";

  private final byte @Nullable [] expected;

  ApiKey(ServiceSettings settings) {
    expected = bytes(settings.apiKey());
  }

  /** The key as it is in a header, without space around it; null if there is none. */
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

  /** The header that carries a key, as if it came in the first form. */
  static @Nullable String header(@Nullable String authorization, @Nullable String key) {
    return authorization == null && key != null ? SCHEME + key : authorization;
  }

  /** Whether clients must show it. */
  boolean isRequired() {
    return expected != null;
  }

  /** Whether a header has the form that carries a key. */
  static boolean isPresent(@Nullable String authorization) {
    return authorization != null
        && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
  }

  /** Whether what follows the scheme begins with it again, as where a client adds it by itself. */
  static boolean isTwiceBearer(String authorization) {
    return isPresent(authorization)
        && isPresent(authorization.substring(SCHEME.length()).stripLeading());
  }

  /** Whether a header carries the right key. */
  boolean isAccepted(@Nullable String authorization) {
    if (expected == null || authorization == null || !isPresent(authorization)) {
      return false;
    }
    byte[] shown = authorization.substring(SCHEME.length()).trim().getBytes(UTF_8);
    // takes as long for a key that is wrong at its end as at its beginning
    return MessageDigest.isEqual(expected, shown);
  }
}
