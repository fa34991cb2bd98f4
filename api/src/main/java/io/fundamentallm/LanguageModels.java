package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.batching.BatchingModel;
import io.fundamentallm.internal.batching.GuidedModel;
import io.fundamentallm.internal.batching.SharedModels;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.BatchingListener;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.LoadingListener;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds a runtime for a model directory. {@link Spec} describes the grammar of specs. Thread-safe.
 *
 * @apiNote For example:
 *     <pre>{@code
 * try (LanguageModel loaded = LanguageModels.load(Path.of("model"), "cpu(threads=1)")) {
 *   System.out.println(loaded.info().architecture() + " on " + loaded.info().device());
 * }
 * }</pre>
 */
public final class LanguageModels {
  private static final SharedModels SHARED = new SharedModels();

  /** What is said of a file that is none of a model. */
  static final String NO_MODEL = "model: expected a directory or a .gguf file";

  private LanguageModels() {}

  /**
   * Loads as {@link #load(Path, Registry)} does, with the parts found on the class or module path.
   *
   * @throws IOException when the path does not exist, or a file is missing, unreadable or malformed
   * @throws ProviderException when no runtime supports the directory; lists each with its reason
   */
  public static LanguageModel load(Path directory) throws IOException {
    return load(directory, Registry.standard());
  }

  /**
   * Loads a model directory with the highest-priority runtime that supports it, or with the one
   * that the system property {@code fundamentallm.runtime} or the environment variable {@code
   * FUNDAMENTALLM_RUNTIME} names.
   *
   * @throws IllegalArgumentException when such a property or variable has a malformed spec, or a
   *     property is a misspelt one
   * @throws IOException when the path does not exist, or a file is missing, unreadable or
   *     malformed; names file and byte offset
   * @throws ProviderException when no runtime supports the directory; says whether it is empty, is
   *     a file of one, has an adapter alone, or which directory below it has a model, else lists
   *     each runtime with its reason
   */
  public static LanguageModel load(Path directory, Registry registry) throws IOException {
    requireNonNull(directory, "directory");
    Configuration.Setting set = Configuration.get("runtime").orElse(null);
    if (set != null) {
      return set.load(
          directory,
          place -> supports(named(set, registry), place),
          () -> load(directory, set.spec(), registry));
    }
    StringBuilder reasons = new StringBuilder();
    for (LanguageModelProvider provider : registry.all(LanguageModelProvider.class)) {
      Support support = Registry.supports(provider, () -> provider.supports(directory));
      if (support.supported()) {
        Options none = Options.of("runtime", provider.name(), Map.of());
        return Registry.linked(
            provider, () -> provider.load(directory, none, registry.loadingListener()));
      }
      reasons.append("\n  ").append(provider.name()).append(": ").append(support.reason());
    }
    String message = "no runtime can load the model in " + PathCheck.shown(directory);
    if (Files.notExists(directory)) {
      throw PathCheck.missing(directory);
    } else if (!reasons.isEmpty()) { // else there is no provider that could load anything
      reasons.append(
          PathCheck.check(directory, message, NO_MODEL, place -> supports(place, registry)));
    }
    throw registry.unsupported(LanguageModelProvider.class, message, reasons);
  }

  /**
   * Loads with the named runtime, found on the class or module path.
   *
   * @param spec such as {@code cpu} or {@code gpu(device=cuda:0)}
   * @throws IOException when a file is missing, unreadable or malformed; names file and byte offset
   * @throws ProviderException when there is no such runtime
   * @throws IllegalArgumentException for an unknown option or a value out of range
   */
  public static LanguageModel load(Path directory, String spec) throws IOException {
    return load(directory, spec, Registry.standard());
  }

  /**
   * Loads with the named runtime.
   *
   * @param spec such as {@code cpu} or {@code gpu(device=cuda:0)}
   * @throws IOException when a file is missing, unreadable or malformed; names file and byte offset
   * @throws ProviderException when there is no such runtime
   * @throws IllegalArgumentException for an unknown option or a value out of range
   */
  public static LanguageModel load(Path directory, String spec, Registry registry)
      throws IOException {
    requireNonNull(directory, "directory");
    Samplers.requireSome(spec, "the runtime is empty; write one, such as cpu");
    return load(directory, registry.read(Spec.single(spec)), registry);
  }

  private static LanguageModel load(Path directory, Spec.Stage stage, Registry registry)
      throws IOException {
    LanguageModelProvider provider = registry.find(LanguageModelProvider.class, stage.name());
    Options options = registry.options(LanguageModelProvider.class, stage);
    LoadingListener listener = registry.loadingListener();
    LanguageModel model =
        PathCheck.load(
            provider,
            directory,
            place -> supports(provider, place),
            () -> provider.load(directory, options, listener));
    try {
      options.requireAllUsed();
    } catch (IllegalArgumentException e) {
      model.close();
      throw e;
    }
    return model;
  }

  /** Whether a runtime could load a place. */
  static boolean supports(Path place, Registry registry) {
    return registry.all(LanguageModelProvider.class).stream()
        .anyMatch(provider -> supports(provider, place));
  }

  private static boolean supports(LanguageModelProvider provider, Path place) {
    return Registry.supports(provider, () -> provider.supports(place)).supported();
  }

  /**
   * Shares as {@link #shared(Path, Registry)} does, with the parts found on the class or module
   * path.
   *
   * @throws IOException when the directory does not exist, or a file is missing, unreadable or
   *     malformed
   * @throws ProviderException when no runtime supports the directory; lists each with its reason
   */
  public static LanguageModel shared(Path directory) throws IOException {
    return shared(directory, Registry.standard());
  }

  /**
   * Like {@link #load(Path, Registry)}, with one copy of the weights for the whole JVM: the first
   * call loads it, later calls share it, and closing the last use closes it.
   *
   * <p>Each call returns a separate use. Closing it waits for its passes under way and frees its
   * sessions; closing it again does nothing. Afterwards it and its sessions throw {@link
   * ClosedModelException}, and other uses continue. Sessions belong to the use that opened them: a
   * batch holds those of one use.
   *
   * <p>Calls share a copy if they have the same real path of the directory, the same runtime with
   * the same options (here: what the process configured, else none), and the same registry.
   * Registries that look into the same class loaders and were given no providers count as the same.
   * Calls made while the model is being loaded wait for it, and their loading listeners hear
   * nothing; if loading fails, nothing is left behind, and each of them tries for itself.
   *
   * @throws IOException when the directory does not exist, or a file is missing, unreadable or
   *     malformed
   * @throws ProviderException when no runtime supports the directory; lists each with its reason
   */
  public static LanguageModel shared(Path directory, Registry registry) throws IOException {
    Configuration.Setting set = Configuration.get("runtime").orElse(null);
    return set == null
        ? shared(directory, null, registry, real -> load(real, registry))
        : set.load(
            directory,
            place -> supports(named(set, registry), place),
            () -> shared(directory, set.spec(), registry));
  }

  private static LanguageModelProvider named(Configuration.Setting set, Registry registry) {
    return registry.find(LanguageModelProvider.class, Spec.single(set.spec()).name());
  }

  /**
   * Shares as {@link #shared(Path, String, Registry)} does, with the named runtime, found on the
   * class or module path.
   *
   * @param spec such as {@code cpu(weights=int8)}
   * @throws IOException when the directory does not exist, or a file is missing, unreadable or
   *     malformed
   * @throws ProviderException when there is no such runtime
   * @throws IllegalArgumentException for an unknown option or a value out of range
   */
  public static LanguageModel shared(Path directory, String spec) throws IOException {
    return shared(directory, spec, Registry.standard());
  }

  /**
   * Shares, as {@link #shared(Path, Registry)} does, with the named runtime.
   *
   * @param spec such as {@code cpu(weights=int8)}; a different runtime or option makes a different
   *     copy
   * @throws IOException when the directory does not exist, or a file is missing, unreadable or
   *     malformed
   * @throws ProviderException when there is no such runtime
   * @throws IllegalArgumentException for an unknown option or a value out of range
   */
  public static LanguageModel shared(Path directory, String spec, Registry registry)
      throws IOException {
    Spec.Stage runtime = registry.read(Spec.single(spec)); // another text makes another copy
    return shared(directory, runtime, registry, real -> load(real, runtime, registry));
  }

  /** Loads from a real path. */
  private interface Loading {
    LanguageModel load(Path real) throws IOException;
  }

  private static LanguageModel shared(
      Path directory, Spec.@Nullable Stage runtime, Registry registry, Loading loading)
      throws IOException {
    requireNonNull(directory, "directory");
    requireNonNull(registry, "registry");
    Path real;
    try {
      real = directory.toRealPath();
    } catch (NoSuchFileException e) {
      IOException missing = PathCheck.missing(directory);
      missing.initCause(e);
      throw missing;
    }
    return SHARED.use(
        new SharedModels.Key(real, runtime, registry.identity()), () -> loading.load(real));
  }

  /**
   * A model that serves many callers with one pass over the weights: what threads pass to its
   * {@code forward} at the same time is computed together. The results are those of the model
   * itself. It can be used like any other model; decoders, beams and scorers in different threads
   * are batched without knowing it. Closing it refuses waiting calls, waits for the pass under way
   * and closes the model.
   *
   * <p>A caller that is alone does not wait. A call that the model would refuse, that is cancelled,
   * or that finds the queue full ({@link java.util.concurrent.RejectedExecutionException}) fails
   * alone and before any pass. A pass that the model refuses is repeated for each caller
   * separately. Any other failure of a pass reaches every caller in it, except a stack overflow,
   * which only its leader gets. Whatever a caller's cancellation throws, errors included, reaches
   * that caller alone, unless its work can no longer be undone and is finished. After the call a
   * thread may continue at once: between two passes, the callers present wait for those of the last
   * pass that are on their way back, at most a fifth of a millisecond from one to the next.
   *
   * <p>Each pass first takes the steps, which are calls with at most 16 tokens for each session.
   * Then it takes up to {@link BatchingLimits#prefillTokens()} tokens of each longer append, in
   * order of arrival, as far as the limits allow. So a long prompt is read in chunks, and the
   * others keep writing meanwhile.
   *
   * <p>The wait is bounded, no matter what arrives later. No call overtakes an earlier one of its
   * kind. If the steps leave a prompt too little room for a chunk, the prompt goes first in the
   * next pass, and the steps go first in the one after that. So a step is in the second of the
   * coming passes at the latest, and two passes later for every pass filled by the steps queued
   * before it: every {@link BatchingLimits#appends()} sessions or {@link BatchingLimits#tokens()}
   * tokens. A prompt's chunk is in the second pass at the latest, and two passes later for every
   * chunk before it, of this prompt and of earlier ones. Where the model lacks {@link
   * Capability#TRUNCATE}, a call is in the second pass at the latest, and two passes later for
   * every call of its kind before it.
   *
   * <p>A cancelled caller leaves the queue within about 10 ms. If its tokens are in a pass with
   * others, that pass continues, and afterwards its sessions are truncated to what they were. Where
   * the model lacks {@link Capability#TRUNCATE} this is not possible: there a call is never spread
   * over several passes, so a pass may be larger than the limits, and a cancelled call whose pass
   * has begun is finished.
   *
   * @param model owned by the returned model from now on
   */
  public static LanguageModel batching(LanguageModel model, BatchingLimits limits) {
    return batching(model, limits, BatchingListener.none());
  }

  /**
   * Batches as {@link #batching(LanguageModel, BatchingLimits)} does, and reports to a listener.
   *
   * @param model owned by the returned model from now on
   */
  public static LanguageModel batching(
      LanguageModel model, BatchingLimits limits, BatchingListener listener) {
    return new BatchingModel(model, limits, listener);
  }

  /**
   * Classifier-free guidance (Sanchez et al.: "Stay on topic with classifier-free guidance", ICML
   * 2024; the formula is Hugging Face transformers'): each row of logits becomes
   *
   * <pre>log p(u) + scale (log p(c) - log p(u))</pre>
   *
   * where c is the text, and u the negative prompt followed by what was generated. Each session
   * owns a second session of the model for u; both are in the same pass. The prompt ends with the
   * first append that asks for logits; only the last of its rows is guided. A session that is
   * truncated into its prompt takes the next append as the rest of the prompt. A session is more
   * than its tokens, so tokens cannot be evicted and a {@link PrefixCache} is not used: it lacks
   * {@link Capability#EVICT} and {@link Capability#SHARED_FORK}. A token that the text makes
   * impossible stays impossible.
   *
   * @param model owned by the returned model from now on
   * @param negativePrompt what the text should be led away from; at least one token
   * @param scale 1 leaves the logits as they are, above 1 leads away
   */
  public static LanguageModel guided(LanguageModel model, int[] negativePrompt, double scale) {
    return new GuidedModel(model, negativePrompt, scale);
  }
}
