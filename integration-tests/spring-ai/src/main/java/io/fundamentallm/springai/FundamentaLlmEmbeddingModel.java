package io.fundamentallm.springai;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import io.fundamentallm.TextEmbedder;
import java.util.ArrayList;
import java.util.List;
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

  private FundamentaLlmEmbeddingModel(TextEmbedder embedder) {
    this.embedder = embedder;
  }

  /** An embedding model of this embedder. */
  public static FundamentaLlmEmbeddingModel of(TextEmbedder embedder) {
    return new FundamentaLlmEmbeddingModel(requireNonNull(embedder, "embedder"));
  }

  /**
   * The vectors of these texts, in their order, read together.
   *
   * @throws IllegalArgumentException for a text longer than the model's context, and for options
   *     that ask for other dimensions than the model has
   */
  @Override
  public EmbeddingResponse call(EmbeddingRequest request) {
    float[][] vectors = embedder.embedAll(request.getInstructions());
    EmbeddingOptions options = request.getOptions();
    Integer asked = options == null ? null : options.getDimensions();
    List<Embedding> embeddings = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      if (asked != null && asked != vectors[i].length) {
        throw new IllegalArgumentException(
            "the options ask for " + asked + " dimensions; this model has " + vectors[i].length);
      }
      embeddings.add(new Embedding(vectors[i], i));
    }
    return new EmbeddingResponse(embeddings);
  }

  /** The vector of a document's text. */
  @Override
  public float[] embed(Document document) {
    return embedder.embed(requireNonNullElse(getEmbeddingContent(document), ""));
  }
}
