package io.fundamentallm.benchmarks.inference;

import io.fundamentallm.benchmarks.models.Shape;
import io.fundamentallm.runtime.cpu.gguf.GgufWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The forms of GGUF files that are compared. */
enum FileForm {
  BF16(GgufWeights.BF16, 16),
  Q8_0(GgufWeights.Q8_0, 8.5),
  Q6_K(GgufWeights.Q6_K, 6.5625),
  Q4_K_M(GgufWeights.Q4_K_M, 4.5);

  @SuppressWarnings("ImmutableEnumChecker") // it is immutable
  private final GgufWeights weights;

  /** Bits of a weight of the embedding, where that is not the head. */
  private final double embedding;

  FileForm(GgufWeights weights, double embedding) {
    this.weights = weights;
    this.embedding = embedding;
  }

  GgufWeights weights() {
    return weights;
  }

  /** Whether ONNX Runtime has weights of about as many bits. */
  boolean fourBits() {
    return this == Q4_K_M;
  }

  /**
   * Bytes of weights that a step of decoding reads: all of the file's but the table of embeddings,
   * and of a mixture the part that a token uses.
   */
  long bytesRead(Shape shape, Path file) throws IOException {
    double used = (double) shape.weightsRead() / (shape.parameters() - shape.embedding());
    return (long) (used * (Files.size(file) - shape.embedding() * embedding / 8));
  }
}
