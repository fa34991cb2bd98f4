package io.fundamentallm.runtime.gpu;

import io.fundamentallm.Capability;
import io.fundamentallm.ModelInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** Joins what the graph and what the configuration says of a model, which have to agree. */
final class ModelDescription {
  /** Sixty times the largest in use; keeps the logits of a few tokens below 2 GB. */
  private static final int LARGEST_VOCABULARY = 1 << 24;

  private ModelDescription() {}

  static int vocabularySize(Graph graph, ModelConfig config, Path file) throws IOException {
    OptionalInt said = config.vocabularySize();
    int found = graph.vocabularySize();
    if (found == 0 && said.isEmpty()) {
      throw new IOException(
          file + ": the size of the vocabulary stands neither here nor in config.json: vocab_size");
    }
    if (found != 0 && said.isPresent() && found != said.getAsInt()) {
      throw disagree(file, "vocab_size", said.getAsInt(), found + " logits");
    }
    int layers = graph.layers();
    if (layers != 0 && config.layers().isPresent() && config.layers().getAsInt() != layers) {
      throw disagree(file, "number of layers", config.layers().getAsInt(), layers + " with a past");
    }
    int size = found == 0 ? said.getAsInt() : found;
    if (size > LARGEST_VOCABULARY) {
      throw new IOException(
          file + ": a vocabulary of " + size + " is above the limit of " + LARGEST_VOCABULARY);
    }
    return size;
  }

  private static IOException disagree(Path file, String what, int said, String found) {
    return new IOException(
        "config.json gives the " + what + " " + said + ", but " + file + " has " + found);
  }

  /** The most tokens of a session. */
  static int contextLength(Graph graph, ModelConfig config) {
    return graph.capacity() == 0
        ? config.contextLength()
        : Math.min(graph.capacity(), config.contextLength());
  }

  static ModelInfo of(
      Graph graph, ModelConfig config, int vocabularySize, Engine engine, CacheStrategy cache) {
    // GPT-2's 50256 often survives in the configuration of a model with a smaller vocabulary
    Set<Integer> ends = new TreeSet<>(config.endTokens());
    ends.removeIf(token -> token >= vocabularySize);
    OptionalInt begin = config.beginToken();
    int layers = graph.layers() == 0 ? config.layers().orElse(0) : graph.layers();
    return ModelInfo.builder(config.architecture(), vocabularySize, contextLength(graph, config))
        .shape(config.hiddenSize(), layers, config.heads())
        .device(engine.device() + ", " + cache.name())
        .precision(graph.precision().toString())
        .beginToken(
            begin.isPresent() && begin.getAsInt() < vocabularySize ? begin : OptionalInt.empty())
        .endTokens(ends)
        .capabilities(Capability.SHARED_FORK, Capability.TRUNCATE)
        .build();
  }
}
