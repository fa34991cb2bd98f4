package io.fundamentallm.runtime.cpu.train.parameter;

import io.fundamentallm.runtime.cpu.format.spec.Architecture.Bias;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.QueryKeyNorm;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the tensors of one transformer block are.
 *
 * @param begin where the first of them is
 * @param norm1 before attention [C]; null for none
 * @param attention queries, keys, values [H·D + 2·keys][C]
 * @param queryNorm of queries, [D] or [H·D], or {@link ParameterLayout#NONE}
 * @param keyNorm of keys, or {@link ParameterLayout#NONE}
 * @param attentionOut [C][H·D]
 * @param after1 after attention [C]; null for none
 * @param norm2 before the feed-forward layer [C]; null for none
 * @param experts the feed-forward layer, or the experts
 * @param router what chooses experts; null where there is one feed-forward layer
 * @param after2 after the feed-forward layer [C]; null for none
 */
public record BlockLayout(
    int begin,
    @Nullable Place norm1,
    Place attention,
    int queryNorm,
    int keyNorm,
    Place attentionOut,
    @Nullable Place after1,
    @Nullable Place norm2,
    List<Expert> experts,
    @Nullable Router router,
    @Nullable Place after2) {

  /** The first product of the feed-forward layer. */
  public Place mlp() {
    return experts.get(0).up();
  }

  /** The second. */
  public Place mlpOut() {
    return experts.get(0).down();
  }

  /**
   * Offsets of the two tensors of a layer, or of several layers that follow one another.
   *
   * @param bias {@link ParameterLayout#NONE} where there is none
   */
  public record Place(int weight, int bias) {}

  /**
   * A feed-forward layer.
   *
   * @param up [I][C], or gate and up
   * @param down [C][I]
   */
  public record Expert(Place up, Place down) {}

  /**
   * What chooses experts.
   *
   * @param weight of its matrix [experts][C]
   * @param shared the expert of all tokens; null for none
   * @param sharedGate of the vector [1][C] that weighs it, or {@link ParameterLayout#NONE}
   */
  public record Router(int weight, @Nullable Expert shared, int sharedGate) {}

  /**
   * Lays out the tensors of a block, in the order of {@link ParameterLayout}.
   *
   * @param to what comes before them, and receives them
   */
  static BlockLayout of(TrainableConfig config, int layer, LayoutBuilder to) {
    return new Tensors(config, config.files().names(), layer, to).layOut();
  }

  /** The tensors of one block, by the names of its family. */
  private record Tensors(TrainableConfig config, TensorNames names, int layer, LayoutBuilder to) {
    private BlockLayout layOut() {
      int c = config.hiddenSize();
      int begin = to.size();
      Place norm1 = norm(Part.NORM1);
      Place attention = attention();
      boolean wide = config.shape().attention().norm() == QueryKeyNorm.WIDTH;
      int queryNorm = headNorm(Part.QUERY_NORM, wide ? config.querySize() : config.headSize());
      int keyNorm = headNorm(Part.KEY_NORM, wide ? config.keySize() : config.headSize());
      Place out =
          linear(Part.ATTENTION_OUT, config.querySize(), c, config.files().biases().attentionOut());
      Place after1 = norm(Part.AFTER1);
      Place norm2 = norm(Part.NORM2);
      List<Expert> experts = new ArrayList<>();
      Router router = null;
      TransformerConfig.Experts several = config.shape().experts(layer);
      if (several == null) {
        Bias bias = config.files().biases().inner();
        experts.add(expert(config.shape().innerSize(layer), bias));
      } else {
        int weight = to.add(names.of(Part.ROUTER, layer) + ".weight", several.count(), c);
        for (int i = 0; i < several.count(); i++) {
          experts.add(
              expert(
                  config.shape().innerSize(),
                  name(Part.EXPERT_GATE, i),
                  name(Part.EXPERT_UP, i),
                  name(Part.EXPERT_DOWN, i)));
        }
        router = router(several, weight);
      }
      return new BlockLayout(
          begin,
          norm1,
          attention,
          queryNorm,
          keyNorm,
          out,
          after1,
          norm2,
          List.copyOf(experts),
          router,
          norm(Part.AFTER2));
    }

    private Place attention() {
      int c = config.hiddenSize();
      Bias bias = config.files().biases().queryKeyValue();
      if (names.has(Part.QUERY_KEY_VALUE)) {
        return linear(Part.QUERY_KEY_VALUE, c, config.queryKeyValueSize(), bias);
      }
      int keys = config.keySize();
      int weight = to.matrix(names.of(Part.QUERY, layer), c, config.querySize());
      to.matrix(names.of(Part.KEY, layer), c, keys);
      to.matrix(names.of(Part.VALUE, layer), c, keys);
      if (bias == Bias.ABSENT) {
        return new Place(weight, ParameterLayout.NONE);
      }
      int biases = to.add(names.of(Part.QUERY, layer) + ".bias", config.querySize());
      to.add(names.of(Part.KEY, layer) + ".bias", keys);
      to.add(names.of(Part.VALUE, layer) + ".bias", keys);
      return new Place(weight, biases);
    }

    /** The one feed-forward layer of a block. */
    private Expert expert(int inner, Bias bias) {
      int c = config.hiddenSize();
      Place up;
      if (names.has(Part.GATE_UP)) {
        up = linear(Part.GATE_UP, c, 2 * inner, bias);
      } else if (names.has(Part.GATE)) {
        int weight = to.matrix(names.of(Part.GATE, layer), c, inner);
        to.matrix(names.of(Part.UP, layer), c, inner);
        boolean biased = bias != Bias.ABSENT;
        int biases =
            biased ? to.add(names.of(Part.GATE, layer) + ".bias", inner) : ParameterLayout.NONE;
        if (biased) {
          to.add(names.of(Part.UP, layer) + ".bias", inner);
        }
        up = new Place(weight, biases);
      } else {
        up = linear(Part.UP, c, inner, bias);
      }
      return new Expert(up, linear(Part.DOWN, inner, c, bias));
    }

    /** One of several. */
    private Expert expert(int inner, String gate, String up, String down) {
      int c = config.hiddenSize();
      int weight = to.matrix(gate, c, inner);
      to.matrix(up, c, inner);
      return new Expert(
          new Place(weight, ParameterLayout.NONE),
          new Place(to.matrix(down, inner, c), ParameterLayout.NONE));
    }

    private Router router(TransformerConfig.Experts experts, int weight) {
      if (experts.sharedSize() == 0) {
        return new Router(weight, null, ParameterLayout.NONE);
      }
      Expert shared =
          expert(
              experts.sharedSize(),
              names.of(Part.SHARED_GATE, layer),
              names.of(Part.SHARED_UP, layer),
              names.of(Part.SHARED_DOWN, layer));
      int gate = to.add(names.of(Part.SHARED_ROUTER, layer) + ".weight", 1, config.hiddenSize());
      return new Router(weight, shared, gate);
    }

    private String name(Part part, int expert) {
      return names.of(part, layer).replace("#", String.valueOf(expert));
    }

    private @Nullable Place norm(Part part) {
      return names.has(part) ? to.norm(names.of(part, layer)) : null;
    }

    private int headNorm(Part part, int channels) {
      return names.has(part)
          ? to.add(names.of(part, layer) + ".weight", channels)
          : ParameterLayout.NONE;
    }

    private Place linear(Part part, int inputs, int outputs, Bias bias) {
      String name = names.of(part, layer);
      int weight = to.matrix(name, inputs, outputs);
      return new Place(
          weight, bias == Bias.ABSENT ? ParameterLayout.NONE : to.add(name + ".bias", outputs));
    }
  }
}
