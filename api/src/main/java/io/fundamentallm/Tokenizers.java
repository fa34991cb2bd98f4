package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.buffers.Elements;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.Learning;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.text.LearningListener;
import io.fundamentallm.text.TextCorpus;
import io.fundamentallm.text.TextLines;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Predicate;

/**
 * Finds tokenizers: by the files in a model directory, or by name to learn a new one. {@link Spec}
 * describes the grammar of specs. Thread-safe.
 *
 * @apiNote For example:
 *     <pre>{@code
 * Tokenizer learned = Tokenizers.learn("bpe(vocab-size=300)", "It is a truth universally acknowledged");
 * learned.save(Files.createDirectories(Path.of("learned")));
 * Tokenizer read = Tokenizers.load(Path.of("learned"));
 * }</pre>
 */
public final class Tokenizers {
  private static final String WEIGHTS_ALONE =
      "\nThere are a model's weights, but not its tokenizer's files, often tokenizer.json: copy them"
          + " from where the model comes from. A tokenizer of a plugin needs the plugin's jar";

  private static final String NO_TOKENIZER =
      "tokenizer: expected a model's directory, a .gguf file, or a file such as tokenizer.json";

  private Tokenizers() {}

  /**
   * Loads as {@link #load(Path, Registry)} does, with the parts found on the class or module path.
   *
   * @throws IOException when the path does not exist, or a file is missing, unreadable or malformed
   * @throws ProviderException when no provider recognises the place; lists each with its reason
   */
  public static Tokenizer load(Path path) throws IOException {
    return load(path, Registry.standard());
  }

  /**
   * Loads the tokenizer of a model directory, or a tokenizer file, with the highest-priority
   * provider that recognises it, or with the one that the system property {@code
   * fundamentallm.tokenizer} or the environment variable {@code FUNDAMENTALLM_TOKENIZER} names.
   *
   * @throws IllegalArgumentException when such a property or variable has a malformed spec, or a
   *     property is a misspelt one
   * @throws IOException when the path does not exist, or a file is missing, unreadable or
   *     malformed; names file and place
   * @throws ProviderException when no provider recognises the place; says whether it is empty, is a
   *     file of a model directory, or which directory below it has one, else lists each provider
   *     with its reason
   */
  public static Tokenizer load(Path path, Registry registry) throws IOException {
    return find(path, registry, NO_TOKENIZER, place -> true).load().call();
  }

  /** What loads a tokenizer, and by which provider. */
  record Found(TokenizerProvider provider, Registry.Call<Tokenizer, IOException> load) {}

  private static Found find(Path path, Configuration.Setting set, Registry registry) {
    Spec.Stage stage = Spec.single(set.spec());
    TokenizerProvider provider = registry.find(TokenizerProvider.class, stage.name());
    Options options = registry.options(TokenizerProvider.class, stage);
    return new Found(
        provider,
        () ->
            set.load(
                path,
                place -> supports(provider, place),
                () -> {
                  Tokenizer tokenizer =
                      PathCheck.load(
                          provider,
                          path,
                          place -> supports(provider, place),
                          () -> provider.load(path, options));
                  options.requireAllUsed();
                  return tokenizer;
                }));
  }

  /**
   * Finds what {@link #load} loads with, and loads nothing yet; refuses what none recognises.
   *
   * @param expected what is said of a file that is none of a tokenizer
   * @param suits whether a directory is worth naming in its place, if there is a tokenizer
   */
  static Found find(Path path, Registry registry, String expected, Predicate<Path> suits)
      throws IOException {
    requireNonNull(path, "path");
    Configuration.Setting set = Configuration.get("tokenizer").orElse(null);
    if (set != null) {
      return set.use(() -> find(path, set, registry));
    }
    Map<String, StringJoiner> names = new LinkedHashMap<>(); // by their reason, which may be one
    for (TokenizerProvider provider : registry.all(TokenizerProvider.class)) {
      Support support = Registry.supports(provider, () -> provider.supports(path));
      if (support.supported()) {
        Options none = Options.of("tokenizer", provider.name(), Map.of());
        return new Found(
            provider, () -> Registry.linked(provider, () -> provider.load(path, none)));
      }
      names
          .computeIfAbsent(support.reason(), reason -> new StringJoiner(", "))
          .add(provider.name());
    }
    StringBuilder reasons = new StringBuilder();
    names.forEach((reason, who) -> reasons.append("\n  ").append(who).append(": ").append(reason));
    String message = "no tokenizer can be loaded from " + PathCheck.shown(path);
    if (Files.notExists(path)) {
      throw PathCheck.missing(path);
    } else if (!reasons.isEmpty()) { // else there is no provider that could load anything
      String hint =
          PathCheck.check(
              path, message, expected, place -> supports(place, registry) && suits.test(place));
      boolean alone = hint.isEmpty() && LanguageModels.supports(path, registry);
      reasons.append(alone ? WEIGHTS_ALONE : hint);
    }
    throw registry.unsupported(TokenizerProvider.class, message, reasons);
  }

  private static boolean supports(Path place, Registry registry) {
    return registry.all(TokenizerProvider.class).stream()
        .anyMatch(provider -> supports(provider, place));
  }

  private static boolean supports(TokenizerProvider provider, Path place) {
    return Registry.supports(provider, () -> provider.supports(place)).supported();
  }

  /**
   * Learns a tokenizer with the parts found on the class or module path.
   *
   * @param spec which kind, such as {@code auto}, {@code bpe(vocab-size=8192)} or {@code byte}
   * @param documents texts to learn from
   * @throws IllegalArgumentException for a malformed spec, an unknown option or a value out of
   *     range
   * @throws ProviderException when the name is not found or ambiguous
   * @throws UnsupportedOperationException if this kind cannot be learned
   */
  public static Tokenizer learn(String spec, CharSequence... documents) {
    return learn(spec, Elements.copy(documents, "documents"), Registry.standard());
  }

  /**
   * Learns a tokenizer from texts.
   *
   * @param documents may be iterated more than once
   * @throws IllegalArgumentException for a malformed spec, an unknown option or a value out of
   *     range
   * @throws ProviderException when the name is not found or ambiguous
   * @throws UnsupportedOperationException if this kind cannot be learned
   */
  public static Tokenizer learn(
      String spec, Iterable<? extends CharSequence> documents, Registry registry) {
    return learn(spec, documents, registry, Cancellation.none());
  }

  /**
   * Learns a tokenizer from texts, which may be larger than memory, with the parts found on the
   * class or module path.
   *
   * @param documents may be iterated more than once; {@link TextLines} and {@link TextCorpus} read
   *     files
   * @param listeners receive progress reports
   * @throws IllegalArgumentException for a malformed spec, an unknown option or a value out of
   *     range
   * @throws ProviderException when the name is not found or ambiguous
   * @throws UnsupportedOperationException if this kind cannot be learned
   * @throws java.util.concurrent.CancellationException when cancelled
   */
  public static Tokenizer learn(
      String spec,
      Iterable<? extends CharSequence> documents,
      Cancellation cancellation,
      LearningListener... listeners) {
    return learn(spec, documents, Registry.standard(), cancellation, listeners);
  }

  /**
   * As {@link #learn(String, Iterable, Cancellation, LearningListener...)}, with the parts of this
   * registry.
   */
  public static Tokenizer learn(
      String spec,
      Iterable<? extends CharSequence> documents,
      Registry registry,
      Cancellation cancellation,
      LearningListener... listeners) {
    requireNonNull(documents, "documents");
    Samplers.requireSome(spec, "the tokenizer is empty; write a kind to learn, such as auto");
    Learning learning = new Learning(cancellation, Elements.copy(listeners, "listeners"));
    return registry.create(
        TokenizerProvider.class,
        Spec.single(spec),
        (provider, options) -> provider.learn(documents, options, learning));
  }
}
