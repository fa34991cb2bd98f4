package io.fundamentallm;

import io.fundamentallm.spi.NearestName;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the user configured outside the program: system property first, then environment. */
final class Configuration {
  private static final String PROPERTY = "fundamentallm.";
  private static final String VARIABLE = "FUNDAMENTALLM_";
  private static final List<String> KEYS =
      List.of("sampler", "decoder", "runtime", "trainer", "tokenizer");

  /**
   * A spec that was set.
   *
   * @param origin what set it, for errors
   */
  record Setting(String spec, String origin) {
    /** Does what the spec asks for; if that refuses the spec, the error says what set it. */
    <T, E extends Exception> T use(Registry.Call<T, E> call) throws E {
      try {
        return call.call();
      } catch (ProviderException e) {
        throw new ProviderException(told(e), e);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(told(e), e);
      }
    }

    private String told(RuntimeException refusal) {
      String message = String.valueOf(refusal.getMessage());
      return message
          + (message.endsWith(".") || message.endsWith("?") ? " " : ". ")
          + "That is what "
          + origin
          + " asks for.";
    }
  }

  private Configuration() {}

  /**
   * What one of the keys is set to.
   *
   * @throws IllegalArgumentException if it is not set, but something is that looks like a misspelt
   *     name of it
   */
  static Optional<Setting> get(String key) {
    String property = PROPERTY + key;
    String variable = VARIABLE + key.toUpperCase(Locale.ROOT);
    String value = System.getProperty(property);
    String origin = "the system property " + property;
    if (value == null) {
      value = System.getenv(variable);
      origin = "the environment variable " + variable;
    }
    if (value == null) {
      refuseMisspelt(key, PROPERTY, System.getProperties().stringPropertyNames());
      refuseMisspelt(key, VARIABLE, System.getenv().keySet());
    }
    return value == null || value.isBlank()
        ? Optional.empty()
        : Optional.of(new Setting(value, origin));
  }

  /** A misspelt name would have no effect, and nobody would notice. */
  private static void refuseMisspelt(String key, String prefix, Collection<String> names) {
    for (String name : names) {
      String asked = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
      String lower = asked.toLowerCase(Locale.ROOT);
      if (!asked.isEmpty()
          && !KEYS.contains(lower)
          && NearestName.of(lower, KEYS).filter(key::equals).isPresent()) {
        String meant = prefix.equals(VARIABLE) ? key.toUpperCase(Locale.ROOT) : key;
        throw new IllegalArgumentException(
            name + " is set, which nothing reads. Did you mean " + prefix + meant + "?");
      }
    }
  }
}
