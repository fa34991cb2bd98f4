package io.fundamentallm.springai;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import io.fundamentallm.ModelInfo;
import io.fundamentallm.TextEmbedder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;

/**
 * Turns texts into vectors, on the thread that asks. Pooling and normalization are the embedder's.
 * Usage is not counted.
 *
 * <p>Immutable and thread-safe. The embedder's model stays the caller's to close.
 */
public final class FundamentaLlmEmbeddingModel implements EmbeddingModel {
  private final TextEmbedder embedder;
  private final ModelInfo info;

  private FundamentaLlmEmbeddingModel(TextEmbedder embedder, ModelInfo info) {
    this.embedder = embedder;
    this.info = info;
  }

  /**
   * An embedding model of this embedder.
   *
   * @param info what the embedder's model says of itself; its architecture is the model's name, and
   *     its hidden size the dimensions
   */
  public static FundamentaLlmEmbeddingModel of(TextEmbedder embedder, ModelInfo info) {
    return new FundamentaLlmEmbeddingModel(
        requireNonNull(embedder, "embedder"), requireNonNull(info, "info"));
  }

  /**
   * The vectors of these texts, in their order, read together.
   *
   * @throws IllegalArgumentException for options that ask for another model, or for other
   *     dimensions than this one has, and for a text longer than the model's context; nothing is
   *     computed then
   */
  @Override
  public EmbeddingResponse call(EmbeddingRequest request) {
    refuseOthers(request.getOptions());
    float[][] vectors = embedder.embedAll(request.getInstructions());
    List<Embedding> embeddings = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      embeddings.add(new Embedding(vectors[i], i));
    }
    return new EmbeddingResponse(embeddings);
  }

  private void refuseOthers(@Nullable EmbeddingOptions options) {
    if (options == null) {
      return;
    }
    String model = options.getModel();
    if (model != null && !model.equals(info.architecture())) {
      throw new IllegalArgumentException(
          "the options ask for the model \""
              + model
              + "\"; here is \""
              + info.architecture()
              + "\", and no other");
    }
    Integer dimensions = options.getDimensions();
    if (dimensions != null && dimensions != dimensions()) {
      throw new IllegalArgumentException(
          "the options ask for " + dimensions + " dimensions; this model has " + dimensions());
    }
  }

  /** How many floats a vector has: the model's hidden size. Nothing is embedded to find out. */
  @Override
  public int dimensions() {
    return info.hiddenSize();
  }

  /** The vector of a document's text. */
  @Override
  public float[] embed(Document document) {
    return embedder.embed(requireNonNullElse(getEmbeddingContent(document), ""));
  }
}
