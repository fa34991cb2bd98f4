package io.fundamentallm;

import java.util.Locale;
import java.util.Optional;

/** What the user configured outside the program: system property first, then environment. */
final class Configuration {
  private Configuration() {}

  static Optional<String> get(String key) {
    String value = System.getProperty("fundamentallm." + key);
    if (value == null) {
      value = System.getenv("FUNDAMENTALLM_" + key.toUpperCase(Locale.ROOT));
    }
    return Optional.ofNullable(value).filter(spec -> !spec.isBlank());
  }
}
