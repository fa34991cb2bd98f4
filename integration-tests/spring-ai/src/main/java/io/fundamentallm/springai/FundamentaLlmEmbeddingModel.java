package io.fundamentallm.springai;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import io.fundamentallm.TextEmbedder;
import io.fundamentallm.model.ModelInfo;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.embedding.observation.DefaultEmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationDocumentation;

/**
 * Turns texts into vectors, on the calling thread. The embedder sets pooling and normalization. The
 * usage is the tokens read.
 *
 * <p>Immutable and thread-safe. The caller must close the embedder's model.
 */
public final class FundamentaLlmEmbeddingModel implements EmbeddingModel {
  private static final EmbeddingModelObservationConvention CONVENTION =
      new DefaultEmbeddingModelObservationConvention();

  private final TextEmbedder embedder;
  private final int dimensions;
  private final String modelName;
  private final ObservationRegistry observations;
  private final EmbeddingModelObservationConvention convention;

  private FundamentaLlmEmbeddingModel(Builder builder) {
    embedder = builder.embedder;
    dimensions = builder.info.hiddenSize();
    modelName = requireNonNullElse(builder.modelName, builder.info.architecture());
    observations = builder.observations;
    convention = builder.convention;
  }

  /**
   * An embedding model of this embedder, called by its architecture and unobserved.
   *
   * @param info describes the embedder's model; its hidden size is the number of dimensions
   */
  public static FundamentaLlmEmbeddingModel of(TextEmbedder embedder, ModelInfo info) {
    return builder(embedder, info).build();
  }

  /**
   * Begins a model of this embedder.
   *
   * @param info describes the embedder's model; its hidden size is the number of dimensions
   */
  public static Builder builder(TextEmbedder embedder, ModelInfo info) {
    return new Builder(requireNonNull(embedder, "embedder"), requireNonNull(info, "info"));
  }

  /**
   * The vectors of these texts, in their order, read together.
   *
   * @throws IllegalArgumentException for options that ask for another model or another number of
   *     dimensions, and for a text longer than the model's context; then nothing is computed
   */
  @Override
  public EmbeddingResponse call(EmbeddingRequest request) {
    EmbeddingOptions options = named(request.getOptions());
    EmbeddingRequest named = new EmbeddingRequest(request.getInstructions(), options);
    EmbeddingModelObservationContext observed =
        EmbeddingModelObservationContext.builder()
            .embeddingRequest(named)
            .provider(ChatRequests.PROVIDER)
            .build();
    return EmbeddingModelObservationDocumentation.EMBEDDING_MODEL_OPERATION
        .observation(convention, CONVENTION, () -> observed, observations)
        .observe(
            () -> {
              refuseOthers(options);
              EmbeddingResponse response = embedded(named.getInstructions());
              observed.setResponse(response);
              return response;
            });
  }

  /** The options, with the model's name if they have none. */
  private EmbeddingOptions named(@Nullable EmbeddingOptions options) {
    if (options != null && options.getModel() != null) {
      return options;
    }
    EmbeddingOptions.Builder named = EmbeddingOptions.builder().model(modelName);
    if (options != null && options.getDimensions() != null) {
      named.dimensions(options.getDimensions());
    }
    return named.build();
  }

  private EmbeddingResponse embedded(List<String> texts) {
    float[][] vectors = embedder.embedAll(texts);
    List<Embedding> embeddings = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      embeddings.add(new Embedding(vectors[i], i));
    }
    int tokens = texts.stream().mapToInt(embedder::count).sum();
    return new EmbeddingResponse(
        embeddings, new EmbeddingResponseMetadata(modelName, new DefaultUsage(tokens, 0)));
  }

  private void refuseOthers(EmbeddingOptions options) {
    String model = options.getModel();
    if (!modelName.equals(model)) {
      throw new IllegalArgumentException(
          "the options ask for the model \""
              + model
              + "\"; here is \""
              + modelName
              + "\", and no other");
    }
    Integer asked = options.getDimensions();
    if (asked != null && asked != dimensions) {
      throw new IllegalArgumentException(
          "the options ask for " + asked + " dimensions; this model has " + dimensions);
    }
  }

  /** How many floats a vector has: the model's hidden size. Nothing is embedded to find out. */
  @Override
  public int dimensions() {
    return dimensions;
  }

  /** The vector of a document's text. */
  @Override
  public float[] embed(Document document) {
    return embed(requireNonNullElse(getEmbeddingContent(document), ""));
  }

  /** Collects what is optional. One thread at a time. */
  public static final class Builder {
    private final TextEmbedder embedder;
    private final ModelInfo info;
    private @Nullable String modelName;
    private ObservationRegistry observations = ObservationRegistry.NOOP;
    private EmbeddingModelObservationConvention convention = CONVENTION;

    private Builder(TextEmbedder embedder, ModelInfo info) {
      this.embedder = embedder;
      this.info = info;
    }

    /**
     * The name of the model in requests, responses and observations, such as the name of its
     * directory. By default its architecture, such as {@code llama}.
     */
    public Builder modelName(String modelName) {
      this.modelName = requireNonNull(modelName, "modelName");
      return this;
    }

    /** Who observes requests; nobody by default. */
    public Builder observationRegistry(ObservationRegistry observations) {
      this.observations = requireNonNull(observations, "observations");
      return this;
    }

    /** How observations are named; by default as for Spring AI's other models. */
    public Builder observationConvention(EmbeddingModelObservationConvention convention) {
      this.convention = requireNonNull(convention, "convention");
      return this;
    }

    /** The finished model. */
    public FundamentaLlmEmbeddingModel build() {
      return new FundamentaLlmEmbeddingModel(this);
    }
  }
}
