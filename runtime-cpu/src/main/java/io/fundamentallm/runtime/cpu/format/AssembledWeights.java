package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.LayerTensors.LinearTensors;
import io.fundamentallm.runtime.cpu.format.LayerTensors.NormTensors;
import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Bias;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.LowRank;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
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
  private final @Nullable LoraAdapter adapter;

  private final LinearTensors embeddingTensors;
  private final @Nullable LinearTensors positions;
  private final List<LayerTensors> layers = new ArrayList<>();
  private final NormTensors finalNorm;
  private final LinearTensors head;
  private @Nullable Matrix embedding;

  /**
   * Finds the tensors.
   *
   * @throws IOException when one is missing or has another shape or type; names file and tensor
   */
  AssembledWeights(
      TransformerConfig config,
      Architecture architecture,
      ModelTensors tensors,
      @Nullable LoraAdapter adapter)
      throws IOException {
    this.config = config;
    this.architecture = architecture;
    this.names = architecture.names();
    this.tensors = tensors;
    this.adapter = adapter;
    int vocabulary = config.vocabularySize();
    int channels = config.hiddenSize();
    embeddingTensors = table(names.embedding(), vocabulary);
    positions = names.positions() == null ? null : table(names.positions(), config.contextLength());
    for (int i = 0; i < config.layers(); i++) {
      layers.add(find(i));
    }
    finalNorm = norm(names.finalNorm());
    head = architecture.tied() ? tiedHead() : linear(names.head(), vocabulary, channels, false);
  }

  private LinearTensors table(String name, int rows) throws IOException {
    int columns = config.hiddenSize();
    Tensor weight = tensors.take(name + ".weight", rows, columns);
    return new LinearTensors(weight, rows, columns, false, null, null);
  }

  /** Some files hold a separate head although it is tied. It must have the same weights. */
  private LinearTensors tiedHead() throws IOException {
    String name = names.head() + ".weight";
    if (tensors.has(name)) {
      Tensor own = tensors.look(name);
      if (!own.sameBytes(embeddingTensors.weight())) {
        throw own.problem(
            "differs from \""
                + embeddingTensors.weight().name()
                + "\", to which the configuration ties it; expected \"tie_word_embeddings\" false");
      }
    }
    LowRank added = added(names.head(), config.vocabularySize(), config.hiddenSize());
    return new LinearTensors(
        embeddingTensors.weight(),
        config.vocabularySize(),
        config.hiddenSize(),
        false,
        null,
        added);
  }

  private NormTensors norm(String name) throws IOException {
    int channels = config.hiddenSize();
    Tensor weight = tensors.take(name + ".weight", channels);
    return new NormTensors(
        weight, config.rmsNorm() ? null : tensors.take(name + ".bias", channels));
  }

  private LayerTensors find(int layer) throws IOException {
    int channels = config.hiddenSize();
    int inner = config.innerSize();
    long queries = (long) config.heads() * config.headSize();
    long keys = (long) config.keyValueHeads() * config.headSize();
    List<String> parts = names.queryKeyValue();
    List<LinearTensors> attention = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      long rows = parts.size() == 1 ? queries + 2 * keys : i == 0 ? queries : keys;
      attention.add(linear(layer, parts.get(i), rows, channels, architecture.queryKeyValueBias()));
    }
    boolean bias = attention.get(0).bias() != null;
    for (LinearTensors part : attention) {
      if (bias != (part.bias() != null)) {
        throw part.weight().problem("and its neighbours do not all have a bias or all have none");
      }
    }
    NormTensors norm1 = norm(names.inLayer(layer, names.norm1()));
    LinearTensors out =
        linear(layer, names.attentionOut(), channels, queries, architecture.attentionOutBias());
    NormTensors norm2 = norm(names.inLayer(layer, names.norm2()));
    Bias innerBias = architecture.innerBias();
    return new LayerTensors(
        norm1,
        attention,
        headNorm(layer, names.queryNorm()),
        headNorm(layer, names.keyNorm()),
        out,
        norm2,
        names.gate() == null ? null : linear(layer, names.gate(), inner, channels, innerBias),
        linear(layer, names.up(), inner, channels, innerBias),
        linear(layer, names.down(), channels, inner, innerBias));
  }

  private @Nullable Tensor headNorm(int layer, @Nullable String name) throws IOException {
    return name == null
        ? null
        : tensors.take(names.inLayer(layer, name) + ".weight", config.headSize());
  }

  private LinearTensors linear(int layer, String part, long rows, long columns, Bias bias)
      throws IOException {
    String name = names.inLayer(layer, part);
    LinearTensors linear = linear(name, rows, columns, architecture.transposed());
    Tensor biases =
        switch (bias) {
          case REQUIRED -> tensors.take(name + ".bias", rows);
          case OPTIONAL -> tensors.takeIfPresent(name + ".bias", rows);
          case ABSENT -> null;
        };
    return new LinearTensors(
        linear.weight(),
        linear.rows(),
        linear.columns(),
        linear.transposed(),
        biases,
        linear.adapter());
  }

  private LinearTensors linear(String name, long rows, long columns, boolean transposed)
      throws IOException {
    Tensor weight =
        transposed
            ? tensors.take(name + ".weight", columns, rows)
            : tensors.take(name + ".weight", rows, columns);
    if (rows > Integer.MAX_VALUE || columns > Integer.MAX_VALUE) {
      throw weight.problem("is too large a matrix: [" + rows + ", " + columns + "]");
    }
    return new LinearTensors(
        weight, (int) rows, (int) columns, transposed, null, added(name, rows, columns));
  }

  private @Nullable LowRank added(String module, long rows, long columns) throws IOException {
    LowRank added = adapter == null ? null : adapter.of(module, names.prefix());
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
    LayerTensors layer = layers.get(index);
    return new Layer(
        layer.norm1().read(),
        layer.attentionIn(architecture.order(), config.headSize()),
        layer.queryNorm() == null ? null : layer.queryNorm().read(),
        layer.keyNorm() == null ? null : layer.keyNorm().read(),
        layer.attentionOut().read(),
        layer.norm2().read(),
        layer.gate() == null ? null : layer.gate().read(),
        layer.up().read(),
        layer.down().read());
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
