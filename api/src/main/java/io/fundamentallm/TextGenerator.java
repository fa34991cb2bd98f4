package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.SamplingTrace;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.internal.batching.BatchingModel;
import io.fundamentallm.internal.batching.PromptThreads;
import io.fundamentallm.internal.buffers.Elements;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.BatchingListener;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.ContextFullException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Continues text: tokenizer, model, decoder and options in one value. Immutable and thread-safe;
 * the {@code with…} methods give a changed copy that shares the tokenizer and the model. Closing
 * any copy closes the model for all of them.
 *
 * <p>Threads that generate at the same time share passes over the weights: the model is wrapped by
 * {@link LanguageModels#batching} with its default limits, unless it already is. Each thread gets
 * the text that it would get alone; a caller that is alone does not wait.
 *
 * <p>What was read is remembered: a prompt that begins like an earlier one, as the next turn of a
 * conversation does, is read only from where they part, and the text is the same. The {@link
 * PrefixCache} for that takes up to an eighth of the largest heap, and gives it back when a session
 * needs the memory; the copies share it. It is there for models with {@link Capability#RECLAIM},
 * which runtime-cpu's are. {@code with(options -> options.prefixCache(…))} gives another one, with
 * other bounds or with files, and {@link DecodingOptions.Builder#withoutPrefixCache} none.
 *
 * <p>A prompt comes after the vocabulary's begin token, if there is one that is not also the end
 * token. An empty prompt comes after the begin token, or after the end token if there is only that.
 *
 * @apiNote For example:
 *     <pre>{@code
 * try (TextGenerator writer = TextGenerator.load(Path.of("model"))) {
 *   System.out.println(writer.withSampler("temperature=0.8,top-k=40").generate("It is a truth"));
 * }
 * }</pre>
 */
public final class TextGenerator implements AutoCloseable {
  /** What a model must be able to do so that prompts are remembered without being asked to. */
  private static final Set<Capability> REMEMBERED =
      Set.of(Capability.SHARED_FORK, Capability.TRUNCATE, Capability.RECLAIM);

  private final Tokenizer tokenizer;
  private final LanguageModel model;
  private final Registry registry;
  private final Decoder decoder;
  private final DecodingOptions options;

  /** The cache by default, which closes with the model. */
  private final @Nullable PrefixCache ownCache;

  private TextGenerator(
      Tokenizer tokenizer,
      LanguageModel model,
      Registry registry,
      Decoder decoder,
      DecodingOptions options,
      @Nullable PrefixCache ownCache) {
    this.ownCache = ownCache;
    this.tokenizer = tokenizer;
    this.model = model;
    this.registry = registry;
    this.decoder = decoder;
    this.options = options;
  }

  /** Its model, for logs. */
  @Override
  public String toString() {
    return "TextGenerator[" + model.info() + "]";
  }

  /**
   * Loads as {@link #load(Path, Registry)} does, with the parts found on the class or module path.
   *
   * @throws IOException when a file is missing, unreadable or malformed; names file and place
   * @throws ProviderException when no tokenizer or runtime supports the directory
   */
  public static TextGenerator load(Path directory) throws IOException {
    return load(directory, Registry.standard());
  }

  /**
   * Loads tokenizer and model of a directory: side by side if the tokenizer's provider is one of
   * this library's, else the tokenizer first, on the calling thread. Sampler and decoder are the
   * ones configured for the process (see {@link Samplers#configured()}), else those of
   * generation_config.json, else plain sampling.
   *
   * @throws IllegalArgumentException when the process's configuration has a malformed spec, or a
   *     misspelt property
   * @throws IOException when a file is missing, unreadable or malformed; names file and place
   * @throws ProviderException when no tokenizer or runtime supports the directory
   */
  public static TextGenerator load(Path directory, Registry registry) throws IOException {
    return GeneratorLoading.load(
        directory, registry, () -> LanguageModels.load(directory, registry));
  }

  /**
   * Loads as {@link #load(Path, String, Registry)} does, with the named runtime, and the parts
   * found on the class or module path.
   *
   * @param runtime such as {@code cpu(weights=int8)} or {@code gpu(device=cuda:0)}
   * @throws IOException when a file is missing, unreadable or malformed; names file and place
   * @throws ProviderException when there is no such runtime, or no tokenizer for the directory
   * @throws IllegalArgumentException for an unknown option or a value out of range
   */
  public static TextGenerator load(Path directory, String runtime) throws IOException {
    return load(directory, runtime, Registry.standard());
  }

  /**
   * Loads as {@link #load(Path, Registry)} does, with the named runtime.
   *
   * @param runtime such as {@code cpu(weights=int8)} or {@code gpu(device=cuda:0)}; it takes
   *     precedence over the one configured for the process
   * @throws IOException when a file is missing, unreadable or malformed; names file and place
   * @throws ProviderException when there is no such runtime, or no tokenizer for the directory
   * @throws IllegalArgumentException for an unknown option or a value out of range
   */
  public static TextGenerator load(Path directory, String runtime, Registry registry)
      throws IOException {
    requireNonNull(runtime, "runtime");
    return GeneratorLoading.load(
        directory, registry, () -> LanguageModels.load(directory, runtime, registry));
  }

  /** Made from given parts; owns the model from now on. The process's configuration applies. */
  public static TextGenerator of(Tokenizer tokenizer, LanguageModel model) {
    return of(tokenizer, model, Registry.standard());
  }

  /**
   * Made from given parts; owns the model from now on. Looks up samplers and decoders in this
   * registry.
   *
   * @throws IllegalArgumentException when the tokenizer's vocabulary is larger than the model's, or
   *     so much smaller that it is another model's: by more than an eighth of the model's, and by
   *     256 or more. Less is the padding that publishers leave
   */
  public static TextGenerator of(Tokenizer tokenizer, LanguageModel model, Registry registry) {
    BeginToken.checkFit(tokenizer, model);
    DecodingOptions.Builder options =
        DecodingOptions.builder().tokenizer(tokenizer).sampler(Samplers.configured(registry));
    PrefixCache cache = null;
    if (model.info().capabilities().containsAll(REMEMBERED)) {
      cache = PrefixCache.builder().build();
      options.prefixCache(cache);
    }
    return new TextGenerator(
        tokenizer,
        model instanceof BatchingModel
            ? model
            : LanguageModels.batching(model, BatchingLimits.defaults()),
        registry,
        Decoders.configured(registry),
        options.build(),
        cache);
  }

  /** The tokenizer. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /**
   * The model that generates: the batching one, not the one behind it. Anything else computed with
   * it, such as scores, shares passes with this generator's texts.
   */
  public LanguageModel model() {
    return model;
  }

  /** How this generator generates. */
  public DecodingOptions options() {
    return options;
  }

  /**
   * With another registry: specs given from now on look up their parts there, and read files as it
   * says. For specs that others write: {@code Registry.standard().withFiles(SpecFiles.none())}.
   */
  public TextGenerator withRegistry(Registry registry) {
    requireNonNull(registry, "registry");
    return new TextGenerator(tokenizer, model, registry, decoder, options, ownCache);
  }

  /**
   * With a sampler spec, such as {@code temperature=0.8,top-p=0.95}.
   *
   * @throws IllegalArgumentException for a malformed spec, an unknown option, a value out of range,
   *     or a choice that is not last
   * @throws ProviderException when a name is not found; lists those that were
   * @see Samplers#parse(String, Registry)
   */
  public TextGenerator withSampler(String spec) {
    Recipe<Sampler> sampler = Samplers.parse(spec, registry);
    return with(builder -> builder.sampler(sampler));
  }

  /**
   * With the spec of a constraint, which every text keeps to with any sampler; see {@link
   * Samplers#constraint}. It replaces an earlier one.
   */
  public TextGenerator withConstraint(String spec) {
    Recipe<TokenConstraint> constraint = Samplers.constraint(spec, registry);
    return with(builder -> builder.constraint(constraint));
  }

  /**
   * With a decoder spec, such as {@code beam(width=4)}.
   *
   * @throws IllegalArgumentException for a malformed spec, an unknown option or a value out of
   *     range
   * @throws ProviderException when the name is not found; lists those that were
   * @see Decoders#parse(String, Registry)
   */
  public TextGenerator withDecoder(String spec) {
    return new TextGenerator(
        tokenizer, model, registry, Decoders.parse(spec, registry), options, ownCache);
  }

  /**
   * With other limits for the passes that callers share, and a listener for their figures. Callers
   * of this copy do not share passes with those of other copies.
   */
  public TextGenerator withBatching(BatchingLimits limits, BatchingListener listener) {
    return withModel(LanguageModels.batching(withoutBatching().model, limits, listener));
  }

  /** With the model itself: each caller runs its own passes. */
  public TextGenerator withoutBatching() {
    return model instanceof BatchingModel batching ? withModel(batching.inner()) : this;
  }

  private TextGenerator withModel(LanguageModel model) {
    return new TextGenerator(tokenizer, model, registry, decoder, options, ownCache);
  }

  /**
   * With a seed, so that the same prompt gives the same text. Without one, each call chooses its
   * own at random.
   *
   * @param seed any number
   */
  public TextGenerator withSeed(long seed) {
    return with(builder -> builder.seed(seed));
  }

  /**
   * With a limit on generated tokens, in place of 256 or what generation_config.json says. The
   * prompt does not count.
   *
   * @param maxNewTokens at least 0
   * @throws IllegalArgumentException if it is negative
   */
  public TextGenerator withMaxNewTokens(int maxNewTokens) {
    return with(builder -> builder.maxNewTokens(maxNewTokens));
  }

  /**
   * With texts that end the generation and are not part of it, in place of earlier ones; the
   * model's end tokens end it too.
   *
   * @param stopStrings none of them empty; none at all for no stop strings
   * @throws IllegalArgumentException for an empty one, or one with half a surrogate pair
   */
  public TextGenerator withStops(String... stopStrings) {
    List<String> stops = Elements.copy(stopStrings, "stopStrings");
    return with(builder -> builder.stopStrings(stops));
  }

  /**
   * With another prefix cache, such as one with files, in place of its own, which is closed unless
   * it is the same. The new one belongs to this generator, and is closed before the model; copies
   * made before have none then.
   */
  public TextGenerator withPrefixCache(PrefixCache cache) {
    requireNonNull(cache, "cache");
    if (ownCache != null && ownCache != cache) {
      ownCache.close();
    }
    DecodingOptions with = options.toBuilder().prefixCache(cache).build();
    return new TextGenerator(tokenizer, model, registry, decoder, with, cache);
  }

  /** With any of the options changed. */
  public TextGenerator with(UnaryOperator<DecodingOptions.Builder> change) {
    return new TextGenerator(
        tokenizer, model, registry, decoder, change.apply(options.toBuilder()).build(), ownCache);
  }

  /**
   * The continuation of a prompt, without the prompt; it may begin with a space.
   *
   * <p>Where the model's context is full, the text ends, with {@link FinishReason#CONTEXT_FULL},
   * unless another {@link ContextPolicy} was chosen.
   *
   * @throws ContextFullException when the prompt alone is longer than the model's context and no
   *     {@link ContextPolicy} was chosen that shortens it
   * @throws ClosedModelException when the model is closed, even while it writes
   * @throws CacheFullException when there is no memory for more keys and values
   * @throws NoTokenException when the sampler leaves no token
   * @throws ConstraintException when the constraint cannot continue
   * @throws NotFiniteException when the model gives a NaN
   * @throws java.util.concurrent.CancellationException when the options' cancellation asks for it
   */
  public String generate(String prompt) {
    return tokens(prompt).text();
  }

  /**
   * The continuation, which a consumer also gets in pieces as it is computed: never half a code
   * point, never text that may still become a stop string. What the consumer throws ends the
   * generation and is rethrown. It is called by the thread that called this; failures are those of
   * {@link #generate(String)}.
   */
  public String generate(String prompt, Consumer<String> pieces) {
    return tokens(prompt).text(pieces);
  }

  /**
   * The continuation in pieces, as it is computed. Close the stream unless it is read to its end.
   * For one thread at a time; closing is for any. It throws what {@link #generate(String)} does, as
   * it is read.
   */
  public Stream<String> stream(String prompt) {
    return tokens(prompt).stream().map(Token::text).filter(text -> !text.isEmpty());
  }

  /**
   * The continuation in pieces, for subscribers, each with its own generation; runs on daemon
   * threads that live while there is demand.
   *
   * @see #publish(String, Executor)
   */
  public Flow.Publisher<String> publish(String prompt) {
    return publish(prompt, TextPublisher.THREADS);
  }

  /**
   * The continuation in pieces, for subscribers. Each has its own generation, which begins with its
   * first request. Nothing is computed beyond what is requested: one request is one piece, which
   * may need several tokens. The end is signalled with the last piece if its token ended the
   * generation; otherwise it takes one more request to find it. A generation that {@link
   * DecodingOptions#cancellation()} ends signals a {@link
   * java.util.concurrent.CancellationException}. Cancelling a subscription, from any thread, ends
   * its generation within one token. The rules are those of Reactive Streams 1.0.
   *
   * @param executor runs the generations, and with them the subscribers; each takes a thread as
   *     long as it has demand, so an executor of virtual threads suits well. If it refuses, the
   *     subscriber gets an error.
   */
  public Flow.Publisher<String> publish(String prompt, Executor executor) {
    requireNonNull(executor, "executor");
    int[] tokens = promptTokens(prompt);
    return new TextPublisher(() -> decoder.decode(model, tokens, options), executor);
  }

  /**
   * The continuation token by token, as it is computed. For one thread at a time; closing is for
   * any. It throws what {@link #generate(String)} does, as it is iterated.
   */
  public Generation tokens(String prompt) {
    return decoder.decode(model, promptTokens(prompt), options);
  }

  /**
   * The continuation of tokens, which are read as they are: no begin token is put before them, and
   * special ones are special.
   *
   * @throws IllegalArgumentException for an id outside the model's vocabulary, or if there is none
   */
  public Generation tokens(int[] prompt) {
    int size = model.info().vocabularySize();
    for (int token : requireNonNull(prompt, "prompt")) {
      if (token < 0 || token >= size) {
        throw new IllegalArgumentException("token " + token + " is outside [0, " + size + ")");
      }
    }
    if (prompt.length == 0) {
      throw new IllegalArgumentException("the prompt has no tokens; expected at least one");
    }
    return decoder.decode(model, prompt.clone(), options);
  }

  /**
   * The tokens that the model reads for a prompt. A begin token stands before them where the
   * tokenizer's files say so: {@code add_bos_token}, the post-processor of {@code tokenizer.json},
   * {@code tokenizer.ggml.add_bos_token}. An empty prompt is the vocabulary's begin token, or else
   * its end token.
   *
   * @throws IllegalArgumentException if the prompt is empty and the vocabulary has neither
   */
  public int[] promptTokens(String prompt) {
    return BeginToken.prompt(tokenizer, requireNonNull(prompt, "prompt"));
  }

  /**
   * The continuations of several prompts, in their order. All use one seed, with their index as the
   * sequence, so equal prompts may continue differently. Up to 16 are written at a time, or fewer
   * if the limits allow fewer sessions in a pass or fewer callers, on threads that end with the
   * call. Without batching, or with a {@link SamplingTrace}, they are written one after another.
   * Texts and failures are the same as one after another.
   */
  public List<String> generateAll(List<String> prompts) {
    List<String> all = Elements.copy(prompts, "prompts");
    long seed = options.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
    int threads = 1;
    if (model instanceof BatchingModel batching && options.trace().isEmpty()) {
      BatchingLimits limits = batching.limits();
      threads = Math.min(PromptThreads.MAX, Math.min(limits.appends(), limits.callers()));
    }
    return new PromptThreads(
            all.size(),
            options.cancellation(),
            (i, cancellation) ->
                with(o -> o.seed(seed).sequence(options.sequence() + i).cancellation(cancellation))
                    .generate(all.get(i)))
        .run(threads);
  }

  /**
   * The answer to a conversation, laid out by the tokenizer's {@link Tokenizer#chatTemplate()}.
   * Look-alikes of special tokens in messages stay text. Other failures are those of {@link
   * #generate(String)}, as it is iterated.
   *
   * @throws IllegalStateException if the model's tokenizer has no chat template
   * @throws IllegalArgumentException if there are no messages, or the template refuses them
   */
  public Generation chat(List<ChatMessage> messages) {
    return chat().answer(messages);
  }

  /**
   * The answer to a prompt that may have tools, in parts: text, thinking and calls.
   *
   * <p>The model writes calls and thinking in its own notation, as its template shows, or as {@link
   * ChatPrompt#notation()} says. Calls are held to their tools' schemas while they are written, by
   * the constraint {@code chat-answer} of the artifact {@code fundamentallm-samplers}; so is the
   * text to {@link ChatPrompt#answerSchema()}, and thinking to its budget. A constraint that the
   * generator has, by {@link #withConstraint} or as a stage of its sampler, holds for the text
   * alone where the model may think; one that the artifact does not have, such as a {@link
   * TokenConstraint} of one's own, holds from the first token.
   *
   * @throws IllegalStateException if the model's tokenizer has no chat template; or if the prompt
   *     needs a constraint and the generator has another
   * @throws IllegalArgumentException for a prompt without messages or one that the template
   *     refuses, or a schema that cannot be followed
   * @throws ProviderException if the prompt needs the constraint and it is not found
   */
  public ChatAnswer chat(ChatPrompt prompt) {
    return chat().answer(requireNonNull(prompt, "prompt"));
  }

  /**
   * The spec of the constraint that {@link #chat(ChatPrompt)} holds the answer to; empty if it
   * needs none. A caller that compiles constraints itself, to limit their time or to keep them,
   * gives the compiled one as {@link DecodingOptions#constraint()}, and it is used.
   *
   * @throws IllegalStateException if the model's tokenizer has no chat template
   * @throws IllegalArgumentException for a prompt without messages or one that the template refuses
   */
  public Optional<String> chatConstraint(ChatPrompt prompt) {
    return chat().constraint(prompt);
  }

  private ChatDecoding chat() {
    return new ChatDecoding(tokenizer, model, registry, decoder, options);
  }

  /**
   * Reads the beginning of conversations, such as a system message and tools, and keeps it in the
   * {@linkplain DecodingOptions#prefixCache() prefix cache} for good: no answer to a conversation
   * that begins so has to read it again. Call it once, with this generator or the one whose model
   * answers; batching of its own makes another model.
   *
   * @param beginning its messages come first in the conversations, its tools and template arguments
   *     are theirs
   * @throws IllegalStateException if the model's tokenizer has no chat template, or the options
   *     have no prefix cache
   * @throws IllegalArgumentException for a prompt that the template refuses, one that fills the
   *     context, or if the cache has no room for it
   */
  public void pin(ChatPrompt beginning) {
    PinnedPrefix.pin(tokenizer, model, options, requireNonNull(beginning, "beginning"));
  }

  @Override
  public void close() {
    if (ownCache != null) {
      ownCache.close();
    }
    model.close();
  }
}
