package io.fundamentallm;

import io.fundamentallm.spi.NearestName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** What the user configured outside the program: system property first, then environment. */
final class Configuration {
  private static final String PROPERTY = "fundamentallm.";
  private static final String VARIABLE = "FUNDAMENTALLM_";

  /** Letters that a misspelt name may have more or less; else it is another name. */
  private static final int SLIPS = 2;

  private static final List<String> KEYS =
      List.of("sampler", "decoder", "runtime", "trainer", "tokenizer");

  /**
   * A spec that was set.
   *
   * @param origin what set it, for errors
   */
  record Setting(String spec, String origin) {
    /** Does what the spec asks for; if that fails, the error says what set the spec. */
    <T, E extends Exception> T use(Registry.Call<T, E> call) throws E {
      try {
        return call.call();
      } catch (ProviderException e) {
        throw new ProviderException(told(e), e);
      } catch (IllegalArgumentException e) {
        throw e.getClass() == IllegalArgumentException.class
            ? new IllegalArgumentException(told(e), e)
            : e;
      }
    }

    /**
     * As {@link #use}; also where the spec names a part that does not recognise the place and fails
     * to find its files there.
     *
     * @param recognised whether the part that the spec names says so of a place
     */
    <T> T load(Path place, Predicate<Path> recognised, Registry.Call<T, IOException> call)
        throws IOException {
      try {
        return use(call);
      } catch (IOException e) {
        throw Files.notExists(place) || recognised.test(place) ? e : new IOException(told(e), e);
      }
    }

    private String told(Exception refusal) {
      return refusal.getMessage() + " (set by " + origin + ")";
    }
  }

  private Configuration() {}

  /**
   * What one of the keys is set to.
   *
   * @throws IllegalArgumentException if it is not set, but a system property is that looks like a
   *     misspelt name of it
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
      System.getProperties().stringPropertyNames().forEach(name -> refuseMisspelt(name, key));
    }
    return value == null || value.isBlank()
        ? Optional.empty()
        : Optional.of(new Setting(value, origin));
  }

  /**
   * A misspelt name would have no effect, and nobody would notice. Variables of the environment are
   * let be: an application of the same name may have its own.
   */
  private static void refuseMisspelt(String name, String key) {
    String asked = name.startsWith(PROPERTY) ? name.substring(PROPERTY.length()) : "";
    boolean near =
        Math.abs(asked.length() - key.length()) <= SLIPS
            && NearestName.of(asked.toLowerCase(Locale.ROOT), KEYS).filter(key::equals).isPresent();
    if (near && !KEYS.contains(asked)) {
      throw new IllegalArgumentException(
          "nothing reads the system property " + name + ". Did you mean " + PROPERTY + key + "?");
    }
  }
}
