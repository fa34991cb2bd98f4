package io.fundamentallm.runtime.gpu;

import io.fundamentallm.internal.directory.BoundaryTokens;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.runtime.gpu.cache.CacheStrategy;
import io.fundamentallm.runtime.gpu.graph.GraphSignature;
import io.fundamentallm.runtime.gpu.graph.GraphSignature.Output;
import io.fundamentallm.runtime.gpu.graph.ModelConfig;
import io.fundamentallm.runtime.gpu.graph.Precision;
import io.fundamentallm.runtime.gpu.ort.Engine;
import java.io.IOException;
import java.nio.file.Path;

/** Combines what the graph and the configuration say about a model; they have to agree. */
final class ModelDescription {
  /** Sixty times the largest in use; keeps the logits of a few tokens below 2 GB. */
  private static final int LARGEST_VOCABULARY = 1 << 24;

  private ModelDescription() {}

  /**
   * Checks that graph and configuration belong to the same model.
   *
   * @param file the graph's, for error messages
   */
  static void check(GraphSignature graph, ModelConfig config, Path file) throws IOException {
    int vocabulary = graph.logits().width();
    if (vocabulary == 0) {
      throw new IOException(
          file
              + ": the size of the vocabulary is neither here nor in "
              + config.file()
              + ", as vocab_size");
    }
    if (vocabulary > LARGEST_VOCABULARY) {
      throw new IOException(
          file
              + ": a vocabulary of "
              + vocabulary
              + " is above the limit of "
              + LARGEST_VOCABULARY);
    }
    int configured = config.vocabularySize().orElse(vocabulary);
    if (configured != vocabulary) {
      throw disagree(config, file, "vocab_size", configured, vocabulary + " logits");
    }
    int layers = graph.layers();
    configured = config.layers().orElse(layers);
    if (layers != 0 && configured != layers) {
      throw disagree(config, file, "number of layers", configured, layers + " with a past");
    }
    int channels = graph.hidden().map(Output::width).orElse(0);
    configured = config.hiddenSize().orElse(channels);
    if (channels != 0 && configured != channels) {
      throw disagree(config, file, "hidden size", configured, channels + " hidden states a token");
    }
  }

  /**
   * That of the weights: in blocks of few bits, or else what is computed with. Logits are often
   * wider than that; keys and values show it.
   */
  private static String precision(GraphSignature graph) {
    if (graph.weightBits() > 0) {
      return "int" + graph.weightBits();
    }
    Precision floats =
        graph.slots().isEmpty() ? graph.logits().precision() : graph.slots().get(0).precision();
    return floats.toString();
  }

  private static Capability[] capabilities(GraphSignature graph) {
    return graph.hidden().isEmpty() || graph.hidden().get().width() == 0
        ? new Capability[] {Capability.SHARED_FORK, Capability.TRUNCATE}
        : new Capability[] {Capability.SHARED_FORK, Capability.TRUNCATE, Capability.HIDDEN_STATES};
  }

  private static IOException disagree(
      ModelConfig config, Path file, String what, int configured, String found) {
    return new IOException(
        config.file()
            + " gives the "
            + what
            + " "
            + configured
            + ", but "
            + file
            + " has "
            + found);
  }

  /** The most tokens of a session. */
  static int contextLength(GraphSignature graph, ModelConfig config) throws IOException {
    int max = config.contextLength();
    max = graph.capacity() > 0 ? Math.min(graph.capacity(), max) : max;
    return graph.maskWidth() > 0 ? Math.min(graph.maskWidth(), max) : max;
  }

  static ModelInfo of(
      GraphSignature graph, ModelConfig config, Engine engine, CacheStrategy<?> cache)
      throws IOException {
    int vocabularySize = graph.logits().width();
    BoundaryTokens tokens = config.boundaryTokens(vocabularySize);
    int hiddenSize = config.hiddenSize().orElse(graph.hidden().map(Output::width).orElse(0));
    int layers = graph.layers() == 0 ? config.layers().orElse(0) : graph.layers();
    return ModelInfo.builder(config.architecture(), vocabularySize, contextLength(graph, config))
        .shape(hiddenSize, layers, config.heads().orElse(0))
        .device(engine.device() + ", " + cache.name())
        .precision(precision(graph))
        .beginToken(tokens.begin())
        .endTokens(tokens.ends())
        .capabilities(capabilities(graph))
        .build();
  }
}
