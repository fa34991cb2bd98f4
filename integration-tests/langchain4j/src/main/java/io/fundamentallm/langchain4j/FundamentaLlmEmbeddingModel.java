package io.fundamentallm.langchain4j;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.fundamentallm.TextEmbedder;
import io.fundamentallm.TextGenerator;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Turns texts into vectors, on the calling thread: by default the mean of the hidden states of
 * their tokens, of length 1. Usage counts the tokens that are read, those around a text, too.
 *
 * <p>Immutable and thread-safe. The caller must close the generator.
 */
public final class FundamentaLlmEmbeddingModel implements EmbeddingModel {
  private final TextGenerator generator;
  private final TextEmbedder embedder;
  private final String modelName;
  private final Map<EmbeddingInputType, String> prefixes;
  private final List<EmbeddingModelListener> listeners;

  private FundamentaLlmEmbeddingModel(Builder builder) {
    generator = builder.generator;
    embedder = builder.embedder;
    modelName = requireNonNullElse(builder.modelName, generator.model().info().architecture());
    prefixes = Map.copyOf(builder.prefixes);
    listeners = builder.listeners;
  }

  /**
   * With the generator's tokenizer and model.
   *
   * @throws UnsupportedOperationException if its runtime gives no hidden states
   */
  public static FundamentaLlmEmbeddingModel of(TextGenerator generator) {
    return builder(generator).build();
  }

  /**
   * Begins a model of this generator.
   *
   * @throws UnsupportedOperationException if its runtime gives no hidden states
   */
  public static Builder builder(TextGenerator generator) {
    return new Builder(requireNonNull(generator, "generator"));
  }

  /**
   * The vectors of a request's texts, in their order, read together. {@link
   * #embed(EmbeddingRequest)} first refuses images and parameters that are not {@linkplain
   * #supportedParameters() supported}, and notifies the listeners.
   *
   * @throws UnsupportedFeatureException for another model
   * @throws IllegalArgumentException for a text longer than the model's context; then nothing is
   *     computed
   */
  @Override
  public EmbeddingResponse doEmbed(EmbeddingRequest request) {
    String asked = request.modelName();
    if (asked != null && !asked.equals(modelName)) {
      throw new UnsupportedFeatureException(
          "modelName \""
              + asked
              + "\" is not supported: here is \""
              + modelName
              + "\", and no other model");
    }
    EmbeddingInputType type = request.inputType();
    String prefix = type == null ? "" : prefixes.getOrDefault(type, "");
    List<String> texts = request.inputs().stream().map(input -> prefix + text(input)).toList();
    float[][] vectors = embedder.embedAll(texts);
    int tokens = texts.stream().mapToInt(embedder::count).sum();
    return EmbeddingResponse.builder()
        .embeddings(Arrays.stream(vectors).map(Embedding::from).toList())
        .modelName(modelName)
        .tokenUsage(new TokenUsage(tokens))
        .build();
  }

  private static String text(EmbeddingInput input) {
    return String.join("\n", input.contents().stream().map(Messages::text).toList());
  }

  /** The name of the model, and the type of the input if there are prefixes for it. */
  @Override
  public Set<EmbeddingParameter<?>> supportedParameters() {
    Set<EmbeddingParameter<?>> supported = new HashSet<>();
    supported.add(EmbeddingRequestParameters.MODEL_NAME);
    if (!prefixes.isEmpty()) {
      supported.add(EmbeddingRequestParameters.INPUT_TYPE);
    }
    return supported;
  }

  /** How many floats a vector has: the model's hidden size. Nothing is embedded to find out. */
  @Override
  public int dimension() {
    return generator.model().info().hiddenSize();
  }

  @Override
  public String modelName() {
    return modelName;
  }

  /** Notified of requests, responses and errors, on the calling thread. */
  @Override
  public List<EmbeddingModelListener> listeners() {
    return listeners;
  }

  /** Collects what is optional. One thread at a time. */
  public static final class Builder {
    private final TextGenerator generator;
    private TextEmbedder embedder;
    private @Nullable String modelName;
    private final Map<EmbeddingInputType, String> prefixes =
        new EnumMap<>(EmbeddingInputType.class);
    private List<EmbeddingModelListener> listeners = List.of();

    private Builder(TextGenerator generator) {
      this.generator = generator;
      embedder = TextEmbedder.of(generator.tokenizer(), generator.model());
    }

    /**
     * Changes how vectors are made: {@code embedder -> embedder.withPooling(Pooling.LAST)}, as the
     * model was trained.
     */
    public Builder embedder(UnaryOperator<TextEmbedder> change) {
      embedder = requireNonNull(change.apply(embedder), "embedder");
      return this;
    }

    /**
     * Puts words before the texts of one type, as some models were trained to have them: {@code
     * "query: "} and {@code "passage: "}. Without any, requests must not name a type.
     */
    public Builder prefix(EmbeddingInputType type, String prefix) {
      prefixes.put(requireNonNull(type, "type"), requireNonNull(prefix, "prefix"));
      return this;
    }

    /**
     * The name of the model in requests, responses and listeners, such as the name of its
     * directory. By default its architecture, such as {@code llama}.
     */
    public Builder modelName(String modelName) {
      this.modelName = requireNonNull(modelName, "modelName");
      return this;
    }

    /** The listeners to notify of requests, responses and errors, in this order. */
    public Builder listeners(List<EmbeddingModelListener> listeners) {
      this.listeners = List.copyOf(listeners);
      return this;
    }

    /** The finished model. */
    public FundamentaLlmEmbeddingModel build() {
      return new FundamentaLlmEmbeddingModel(this);
    }
  }
}
