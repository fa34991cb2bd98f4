package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Continues text: tokenizer, model, decoder and options in one value. Immutable and thread-safe;
 * the {@code with…} methods give a changed copy that shares tokenizer and model. Closing any copy
 * closes the model.
 *
 * <pre>{@code
 * try (TextGenerator generator = TextGenerator.load(Path.of("model"))) {
 *   System.out.println(generator.withSampler("temperature=0.8,top-k=40").generate("It is a truth"));
 * }
 * }</pre>
 *
 * <p>A prompt is put after the vocabulary's begin token, where it has one of its own; an empty
 * prompt after the begin token, or the end token where there is only that.
 */
public final class TextGenerator implements AutoCloseable {
  private final Tokenizer tokenizer;
  private final LanguageModel model;
  private final Registry registry;
  private final Decoder decoder;
  private final DecodingOptions options;

  private TextGenerator(
      Tokenizer tokenizer,
      LanguageModel model,
      Registry registry,
      Decoder decoder,
      DecodingOptions options) {
    this.tokenizer = tokenizer;
    this.model = model;
    this.registry = registry;
    this.decoder = decoder;
    this.options = options;
  }

  /** Loads with the parts found on the class or module path. */
  public static TextGenerator load(Path directory) throws IOException {
    return load(directory, Registry.standard());
  }

  /**
   * Loads tokenizer and model of a directory. Sampler and decoder are the ones configured for the
   * process (see {@link Samplers#configured()}), else those of generation_config.json, else plain
   * sampling.
   *
   * @throws IOException when a file is missing, unreadable or malformed; names file and place
   * @throws ProviderException when no tokenizer or runtime supports the directory
   */
  public static TextGenerator load(Path directory, Registry registry) throws IOException {
    requireNonNull(directory, "directory");
    GenerationConfig published = GenerationConfig.read(directory).orElse(null);
    Tokenizer tokenizer = Tokenizers.load(directory, registry);
    LanguageModel model = LanguageModels.load(directory, registry);
    try {
      return of(tokenizer, model, registry).withPublished(published, directory);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** Of parts at hand; what the process configured applies. */
  public static TextGenerator of(Tokenizer tokenizer, LanguageModel model) {
    return of(tokenizer, model, Registry.standard());
  }

  /**
   * Of parts at hand, looking up samplers and decoders in this registry.
   *
   * @throws IllegalArgumentException when the tokenizer's vocabulary is larger than the model's
   */
  public static TextGenerator of(Tokenizer tokenizer, LanguageModel model, Registry registry) {
    BeginToken.checkFit(tokenizer, model);
    return new TextGenerator(
        tokenizer,
        model,
        registry,
        Decoders.configured(registry),
        DecodingOptions.builder()
            .tokenizer(tokenizer)
            .sampler(Samplers.configured(registry))
            .build());
  }

  private TextGenerator withPublished(
      @org.jspecify.annotations.Nullable GenerationConfig published, Path directory) {
    if (published == null) {
      return this;
    }
    TextGenerator generator = this;
    try {
      if (Configuration.get("sampler").isEmpty()) {
        generator = generator.withSampler(published.sampler());
      }
      if (Configuration.get("decoder").isEmpty() && published.decoder().isPresent()) {
        generator = generator.withDecoder(published.decoder().get());
      }
      if (published.maxNewTokens().isPresent()) {
        generator = generator.withMaxNewTokens(published.maxNewTokens().getAsInt());
      }
    } catch (IllegalArgumentException | ProviderException e) {
      throw new ProviderException(
          directory.resolve("generation_config.json")
              + " asks for: "
              + e.getMessage()
              + " Or set another sampler, by -Dfundamentallm.sampler=…, or change the file",
          e);
    }
    return generator;
  }

  /** The tokenizer. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** The model. */
  public LanguageModel model() {
    return model;
  }

  /** How this generator generates. */
  public DecodingOptions options() {
    return options;
  }

  /** With a sampler spec; see {@link Samplers#parse}. */
  public TextGenerator withSampler(String spec) {
    Recipe<Sampler> sampler = Samplers.parse(spec, registry);
    return with(builder -> builder.sampler(sampler));
  }

  /** With a decoder spec; see {@link Decoders#parse}. */
  public TextGenerator withDecoder(String spec) {
    return new TextGenerator(tokenizer, model, registry, Decoders.parse(spec, registry), options);
  }

  /** With a seed, so that the same prompt gives the same text. */
  public TextGenerator withSeed(long seed) {
    return with(builder -> builder.seed(seed));
  }

  /** With a limit on generated tokens. */
  public TextGenerator withMaxNewTokens(int maxNewTokens) {
    return with(builder -> builder.maxNewTokens(maxNewTokens));
  }

  /** With texts that end the generation and are not part of it. */
  public TextGenerator withStops(String... stopStrings) {
    return with(builder -> builder.stopStrings(List.of(stopStrings)));
  }

  /** With any other option changed. */
  public TextGenerator with(UnaryOperator<DecodingOptions.Builder> change) {
    return new TextGenerator(
        tokenizer, model, registry, decoder, change.apply(options.toBuilder()).build());
  }

  /**
   * The continuation of a prompt, without the prompt.
   *
   * @throws IllegalStateException when the context is full and no other {@link ContextPolicy} was
   *     chosen, or the model is closed
   * @throws java.util.concurrent.CancellationException when the options' cancellation said so
   */
  public String generate(String prompt) {
    return tokens(prompt).text();
  }

  /**
   * The continuation in pieces, as it is computed. Close the stream unless it is read to its end.
   */
  public Stream<String> stream(String prompt) {
    return tokens(prompt).stream().map(Token::text).filter(text -> !text.isEmpty());
  }

  /** The continuation token by token, as it is computed. */
  public Generation tokens(String prompt) {
    int[] tokens = tokenizer.encode(requireNonNull(prompt, "prompt"));
    return decoder.decode(model, BeginToken.before(tokenizer, tokens), options);
  }

  /**
   * The continuations of several prompts, in their order; all from one seed, told apart by their
   * index as the sequence, so that equal prompts may continue differently.
   */
  public List<String> generateAll(List<String> prompts) {
    List<String> texts = new ArrayList<>(prompts.size());
    long seed = options.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
    for (int i = 0; i < prompts.size(); i++) {
      long sequence = options.sequence() + i;
      texts.add(with(builder -> builder.seed(seed).sequence(sequence)).generate(prompts.get(i)));
    }
    return texts;
  }

  /**
   * The answer to a conversation, laid out by the tokenizer's {@link Tokenizer#chatTemplate()}.
   * Look-alikes of special tokens in messages stay text.
   *
   * @throws IllegalStateException where the model's files have no chat template
   */
  public Generation chat(List<ChatMessage> messages) {
    ChatTemplate template =
        tokenizer
            .chatTemplate()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "the model's files have no chat template; use generate with a prompt"));
    requireNonNull(messages, "messages");
    return decoder.decode(model, ChatPrompt.encode(tokenizer, template, messages), options);
  }

  @Override
  public void close() {
    model.close();
  }
}
