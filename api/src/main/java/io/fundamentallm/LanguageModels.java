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
 * Finds a runtime for a model directory. The grammar of specs stands at {@link Spec}. Thread-safe.
 */
public final class LanguageModels {
  private static final SharedModels SHARED = new SharedModels();

  private LanguageModels() {}

  /** Loads with the parts found on the class or module path. */
  public static LanguageModel load(Path directory) throws IOException {
    return load(directory, Registry.standard());
  }

  /**
   * Loads a model directory by the runtime of the highest priority that supports it; or by the one
   * that the system property {@code fundamentallm.runtime} or the environment variable {@code
   * FUNDAMENTALLM_RUNTIME} names.
   *
   * @throws IOException when the path does not exist, or a file is missing, unreadable or
   *     malformed; names file and byte offset
   * @throws ProviderException when no runtime supports the directory; says where it is empty, or
   *     which directory below it has a model, else lists each runtime with its reason
   */
  public static LanguageModel load(Path directory, Registry registry) throws IOException {
    requireNonNull(directory, "directory");
    String configured = Configuration.get("runtime").orElse(null);
    if (configured != null) {
      return load(directory, configured, registry);
    }
    StringBuilder reasons = new StringBuilder();
    for (LanguageModelProvider provider : registry.all(LanguageModelProvider.class)) {
      Support support = Registry.supports(provider, () -> provider.supports(directory));
      if (support.supported()) {
        Options none = Options.of(provider.name(), Map.of());
        return Registry.linked(provider, () -> provider.load(directory, none));
      }
      reasons.append("\n  ").append(provider.name()).append(": ").append(support.reason());
    }
    String message = "no runtime can load the model in " + directory;
    if (Files.notExists(directory)) {
      throw ModelPlace.missing(directory);
    } else if (!reasons.isEmpty()) { // else there is nobody who could load any place
      ModelPlace.check(directory, message, place -> supports(place, registry));
    }
    throw registry.unsupported(LanguageModelProvider.class, message, reasons);
  }

  /** Loads with the named runtime, found on the class or module path. */
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
    return load(directory, registry.read(Spec.single(spec)), registry);
  }

  private static LanguageModel load(Path directory, Spec.Stage stage, Registry registry)
      throws IOException {
    LanguageModelProvider provider = registry.find(LanguageModelProvider.class, stage.name());
    Options options = registry.options(stage);
    LanguageModel model =
        ModelPlace.load(provider, directory, () -> provider.load(directory, options));
    try {
      options.requireAllUsed();
    } catch (IllegalArgumentException e) {
      model.close();
      throw e;
    }
    return model;
  }

  private static boolean supports(Path place, Registry registry) {
    return registry.all(LanguageModelProvider.class).stream()
        .anyMatch(
            provider -> Registry.supports(provider, () -> provider.supports(place)).supported());
  }

  /** Shares with the parts found on the class or module path. */
  public static LanguageModel shared(Path directory) throws IOException {
    return shared(directory, Registry.standard());
  }

  /**
   * Like {@link #load(Path, Registry)}, with one copy of the weights for all of this JVM: loaded by
   * the first call, used by all further ones, closed with the last use.
   *
   * <p>Each call gives a use of its own. Closing it, twice is as once, waits for its passes under
   * way and frees its sessions; afterwards it and they throw {@link ClosedModelException}, and
   * other uses go on. Sessions belong to the use that opened them: a batch holds those of one use.
   *
   * <p>The copy is the same where the directory's real path is, the runtime asked for with its
   * options (here: what the process configured, else none), and the registry. Registries that look
   * into the same class loaders and were given no providers count as the same. Calls while the
   * model is being loaded wait for it; where that fails, nothing is left behind, and each of them
   * tries for itself.
   *
   * @throws IOException when the directory does not exist, or a file is missing, unreadable or
   *     malformed
   * @throws ProviderException when no runtime supports the directory; lists each with its reason
   */
  public static LanguageModel shared(Path directory, Registry registry) throws IOException {
    return Configuration.get("runtime").isPresent()
        ? shared(directory, Configuration.get("runtime").get(), registry)
        : shared(directory, null, registry, real -> load(real, registry));
  }

  /** Shares with the named runtime, found on the class or module path. */
  public static LanguageModel shared(Path directory, String spec) throws IOException {
    return shared(directory, spec, Registry.standard());
  }

  /**
   * Shares, as {@link #shared(Path, Registry)} does, with the named runtime.
   *
   * @param spec such as {@code cpu(weights=int8)}; another runtime or another option is another
   *     copy
   * @throws IOException when the directory does not exist, or a file is missing, unreadable or
   *     malformed
   * @throws ProviderException when there is no such runtime
   * @throws IllegalArgumentException for an unknown option or a value out of range
   */
  public static LanguageModel shared(Path directory, String spec, Registry registry)
      throws IOException {
    Spec.Stage runtime = registry.read(Spec.single(spec)); // another text is another copy
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
      IOException missing = ModelPlace.missing(directory);
      missing.initCause(e);
      throw missing;
    }
    return SHARED.use(
        new SharedModels.Key(real, runtime, registry.identity()), () -> loading.load(real));
  }

  /**
   * A model that serves many callers with one pass over the weights: what threads bring to its
   * {@code forward} at the same time is computed together. The results are those of the model
   * itself. It may be used as any other model; decoders, beams and scorers in different threads are
   * batched without knowing it. Closing it refuses those that wait, waits for the pass under way
   * and closes the model.
   *
   * <p>A caller that is alone does not wait. A call that would be refused by the model, is
   * cancelled, or finds the queue full ({@link java.util.concurrent.RejectedExecutionException}),
   * fails alone and before any pass. A pass that the model refuses is repeated for each caller by
   * itself; any other failure of a pass is that of every caller in it, but for a stack that was too
   * small, which is its leader's. What a caller's cancellation throws, errors too, that caller gets
   * and nobody else, unless its work cannot be undone any more, and is finished. After the call a
   * thread may go on at once: between two passes those present wait for the callers of the last
   * pass that are on their way back, a fifth of a millisecond from one to the next at most.
   *
   * <p>In each pass ride first the steps, calls with at most 16 tokens for each session, then up to
   * {@link BatchingLimits#prefillTokens()} tokens of each longer append, in the order they came, as
   * far as the limits allow. So a long prompt is read in chunks, and the others write on meanwhile.
   *
   * <p>How long one waits is bounded, whatever comes later. No call overtakes an earlier one of its
   * kind. A prompt that the steps left less room than for a chunk goes first in the next pass, and
   * in the one after that the steps do. So a step rides in the second of the coming passes at the
   * latest, and two passes later for every pass that the steps queued before it fill: every {@link
   * BatchingLimits#appends()} sessions or {@link BatchingLimits#tokens()} tokens. A prompt's chunk
   * rides in the second pass at the latest, and two passes later for every chunk before it, of this
   * prompt and of those that came earlier. Where the model lacks {@link Capability#TRUNCATE}, a
   * call rides in the second pass at the latest, and two passes later for every call of its kind
   * before it.
   *
   * <p>A caller that is cancelled leaves the queue within about 10 ms. If its tokens are in a pass
   * with others, that pass goes on, and afterwards its sessions are truncated to what they were.
   * Where the model lacks {@link Capability#TRUNCATE} this is not possible: there a call is never
   * spread over several passes, so that one may be larger than the limits, and a cancelled call
   * whose pass has begun is finished.
   *
   * @param model owned from here on
   */
  public static LanguageModel batching(LanguageModel model, BatchingLimits limits) {
    return batching(model, limits, BatchingListener.none());
  }

  /**
   * Batches, as {@link #batching(LanguageModel, BatchingLimits)} does, and tells a listener.
   *
   * @param model owned from here on
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
   * owns a second one of the model for u; both ride in one pass. The prompt ends with the first
   * append that asks for logits; of its rows only the last is guided. A session that is truncated
   * into its prompt takes the next append as the rest of it. Tokens cannot be evicted, and a {@link
   * PrefixCache} is not asked, for a session is more than its tokens: it lacks {@link
   * Capability#EVICT} and {@link Capability#SHARED_FORK}. A token that the text makes impossible
   * stays so.
   *
   * @param model owned from here on
   * @param negativePrompt what the text shall lead away from; at least one token
   * @param scale 1 leaves the logits as they are, above 1 leads away
   */
  public static LanguageModel guided(LanguageModel model, int[] negativePrompt, double scale) {
    return new GuidedModel(model, negativePrompt, scale);
  }
}
