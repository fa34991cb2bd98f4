package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.LayerTensors.LinearTensors;
import io.fundamentallm.runtime.cpu.format.LayerTensors.NormTensors;
import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Bias;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.LowRank;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorMatrix;
import io.fundamentallm.runtime.cpu.format.tensor.TransposedMatrix;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds weights by role among tensors with names. The constructor finds everything and checks its
 * shape; nothing is read before it is asked for.
 */
final class AssembledWeights implements ModelWeights {
  private final TransformerConfig config;
  private final Architecture architecture;
  private final TensorNames names;
  private final ModelTensors tensors;
  private final Additions adapter;

  private final LinearTensors embeddingTensors;
  private final @Nullable LinearTensors positions;
  private final List<LayerTensors> layers = new ArrayList<>();
  private final NormTensors finalNorm;
  private final LinearTensors head;
  private @Nullable Matrix embedding;

  /** What an adapter adds to a module of the files; null for nothing. */
  @FunctionalInterface
  interface Additions {
    @Nullable LowRank to(String module);
  }

  /**
   * Finds the tensors.
   *
   * @throws IOException when one is missing or has another shape or type; names file and tensor
   */
  AssembledWeights(
      TransformerConfig config, Architecture architecture, ModelTensors tensors, Additions adapter)
      throws IOException {
    this.config = config;
    this.architecture = architecture;
    this.names = architecture.names();
    this.tensors = tensors;
    this.adapter = adapter;
    int vocabulary = config.vocabularySize();
    int channels = config.hiddenSize();
    embeddingTensors = table(names.of(Part.EMBEDDING), vocabulary);
    positions =
        names.has(Part.POSITIONS) ? table(names.of(Part.POSITIONS), config.contextLength()) : null;
    for (int i = 0; i < config.layers(); i++) {
      layers.add(find(i));
    }
    finalNorm = norm(names.of(Part.FINAL_NORM));
    head =
        architecture.tied() ? tiedHead() : linear(names.of(Part.HEAD), vocabulary, channels, false);
  }

  private LinearTensors table(String name, int rows) throws IOException {
    int columns = config.hiddenSize();
    Tensor weight = tensors.take(name + ".weight", rows, columns);
    return new LinearTensors(weight, new TensorMatrix(weight, rows, columns), null, null);
  }

  /** Some files hold a separate head although it is tied. It must have the same weights. */
  private LinearTensors tiedHead() throws IOException {
    String name = names.of(Part.HEAD) + ".weight";
    if (tensors.has(name)) {
      Tensor own = tensors.look(name);
      if (!own.sameBytes(embeddingTensors.weight())) {
        throw own.problem(
            "differs from \""
                + embeddingTensors.weight().name()
                + "\", to which the configuration ties it; expected \"tie_word_embeddings\" false");
      }
    }
    LowRank added = added(names.of(Part.HEAD), config.vocabularySize(), config.hiddenSize());
    return new LinearTensors(embeddingTensors.weight(), embeddingTensors.base(), null, added);
  }

  private NormTensors norm(String name) throws IOException {
    int channels = config.hiddenSize();
    Tensor weight = tensors.take(name + ".weight", channels);
    Tensor bias = config.norms().rms() ? null : tensors.take(name + ".bias", channels);
    return new NormTensors(weight, bias, architecture.normOffset());
  }

  private LayerTensors find(int layer) throws IOException {
    int channels = config.hiddenSize();
    long queries = (long) config.heads() * config.headSize();
    long keys = (long) config.keyValueHeads() * config.headSize();
    Bias queryBias = architecture.biases().queryKeyValue();
    List<LinearTensors> attention = new ArrayList<>();
    if (names.has(Part.QUERY_KEY_VALUE)) {
      long rows = queries + 2 * keys;
      attention.add(linear(layer, Part.QUERY_KEY_VALUE, rows, channels, queryBias));
    } else {
      attention.add(linear(layer, Part.QUERY, queries, channels, queryBias));
      attention.add(linear(layer, Part.KEY, keys, channels, queryBias));
      attention.add(linear(layer, Part.VALUE, keys, channels, queryBias));
    }
    boolean bias = attention.get(0).bias() != null;
    for (LinearTensors part : attention) {
      if (bias != (part.bias() != null)) {
        throw part.weight().problem("and its neighbours do not all have a bias or all have none");
      }
    }
    Bias outBias = architecture.biases().attentionOut();
    FeedForwardTensors feedForward = new FeedForwardTensors(config, architecture, tensors, this);
    boolean wide = config.attention().norm() == TransformerConfig.QueryKeyNorm.WIDTH;
    return new LayerTensors(
        norm(layer, Part.NORM1),
        attention,
        headNorm(layer, Part.QUERY_NORM, wide ? queries : config.headSize()),
        headNorm(layer, Part.KEY_NORM, wide ? keys : config.headSize()),
        names.has(Part.SINKS) ? sinks(names.of(Part.SINKS, layer)) : null,
        linear(layer, Part.ATTENTION_OUT, channels, queries, outBias),
        norm(layer, Part.AFTER1),
        norm(layer, Part.NORM2),
        feedForward.experts(layer),
        feedForward.router(layer),
        norm(layer, Part.AFTER2));
  }

  /** A parameter of the layer itself; GGUF files name it like those of other modules. */
  private Tensor sinks(String name) throws IOException {
    String longer = name + ".weight";
    return tensors.take(tensors.has(longer) ? longer : name, config.heads());
  }

  private @Nullable NormTensors norm(int layer, Part part) throws IOException {
    return names.has(part) ? norm(names.of(part, layer)) : null;
  }

  private @Nullable NormTensors headNorm(int layer, Part part, long size) throws IOException {
    return names.has(part)
        ? new NormTensors(
            tensors.take(names.of(part, layer) + ".weight", size), null, architecture.normOffset())
        : null;
  }

  LinearTensors linear(int layer, Part part, long rows, long columns, Bias bias)
      throws IOException {
    String name = names.of(part, layer);
    LinearTensors linear = linear(name, rows, columns, architecture.transposed());
    Tensor biases =
        switch (bias) {
          case REQUIRED -> tensors.take(name + ".bias", rows);
          case OPTIONAL -> tensors.takeIfPresent(name + ".bias", rows);
          case ABSENT -> null;
        };
    Matrix column = biases == null ? null : new TensorMatrix(biases, (int) rows, 1);
    return new LinearTensors(linear.weight(), linear.base(), column, linear.adapter());
  }

  LinearTensors linear(String name, long rows, long columns, boolean transposed)
      throws IOException {
    Tensor weight =
        transposed
            ? tensors.take(name + ".weight", columns, rows)
            : tensors.take(name + ".weight", rows, columns);
    if (rows > Integer.MAX_VALUE || columns > Integer.MAX_VALUE) {
      throw weight.problem("is too large a matrix: [" + rows + ", " + columns + "]");
    }
    Matrix base =
        transposed
            ? new TransposedMatrix(weight, (int) rows, (int) columns)
            : new TensorMatrix(weight, (int) rows, (int) columns);
    return new LinearTensors(weight, base, null, added(name, rows, columns));
  }

  private @Nullable LowRank added(String module, long rows, long columns) throws IOException {
    LowRank added = adapter.to(module);
    if (added != null) {
      added.require(rows, columns);
    }
    return added;
  }

  @Override
  public Matrix embedding() throws IOException {
    if (embedding == null) {
      embedding = embeddingTensors.matrix();
    }
    return embedding;
  }

  @Override
  public @Nullable Matrix positions() throws IOException {
    return positions == null ? null : positions.matrix();
  }

  @Override
  public Layer layer(int index) throws IOException {
    return read(layers.get(index));
  }

  @Override
  public Layer outline(int index) throws IOException {
    return read(layers.get(index).matricesOnly());
  }

  private Layer read(LayerTensors layer) throws IOException {
    return new Layer(
        read(layer.norm1()),
        layer.attentionIn(architecture.order(), config.headSize()),
        vector(layer.queryNorm()),
        vector(layer.keyNorm()),
        layer.sinks() == null ? null : layer.sinks().read(),
        layer.attentionOut().read(),
        read(layer.after1()),
        read(layer.norm2()),
        layer.feedForward(),
        read(layer.after2()));
  }

  private static @Nullable Norm read(@Nullable NormTensors norm) throws IOException {
    return norm == null ? null : norm.read();
  }

  private static float @Nullable [] vector(@Nullable NormTensors norm) throws IOException {
    return norm == null ? null : norm.read().weight();
  }

  @Override
  public Norm finalNorm() throws IOException {
    return finalNorm.read();
  }

  @Override
  public Linear head() throws IOException {
    boolean same = architecture.tied() && head.adapter() == null;
    return same ? new Linear(embedding(), null) : head.read();
  }
}
