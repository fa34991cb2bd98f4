package io.fundamentallm.benchmarks.models;

import java.util.ArrayList;
import java.util.List;

/**
 * A model's sizes, filled with random weights: speed does not depend on what a model has learnt.
 */
public enum Shape {
  /** The 15M-parameter Llama of Karpathy's llama2.c. */
  S(true, 288, 6, 6, 768, 32_000, 2048),
  /** The 110M-parameter Llama of Karpathy's llama2.c. */
  M(true, 768, 12, 12, 2048, 32_000, 2048),
  /** A Llama of 34M parameters for long contexts: keys and values of 32 KB a token. */
  LONG(true, 512, 8, 8, 1408, 16_384, 4096),
  /** GPT-2 124M (Radford et al. 2019). */
  G(false, 768, 12, 12, 3072, 50_257, 1024);

  /** Llama, else GPT-2. */
  final boolean llama;

  final int width;
  final int layers;
  final int heads;

  /** Channels within the feed-forward block. */
  final int inner;

  final int vocabulary;
  final int positions;

  Shape(boolean llama, int width, int layers, int heads, int inner, int vocabulary, int positions) {
    this.llama = llama;
    this.width = width;
    this.layers = layers;
    this.heads = heads;
    this.inner = inner;
    this.vocabulary = vocabulary;
    this.positions = positions;
  }

  /** The number of token ids. */
  public int vocabulary() {
    return vocabulary;
  }

  /** The number of blocks. */
  public int layers() {
    return layers;
  }

  /** Heads, of queries and of keys and values alike. */
  public int heads() {
    return heads;
  }

  /** Channels of one head. */
  public int headWidth() {
    return width / heads;
  }

  /** Whether positions are an input of the graph, as a table of learned ones needs them. */
  public boolean learnedPositions() {
    return !llama;
  }

  /** Weights that one step of decoding reads: all but the table of positions. */
  public long weightsRead() {
    return tensors().stream()
        .filter(tensor -> !tensor.name().equals("transformer.wpe.weight"))
        .mapToLong(Tensor::elements)
        .sum();
  }

  /** Every tensor by its name in Hugging Face's layout. */
  List<Tensor> tensors() {
    return llama ? llamaTensors() : gpt2Tensors();
  }

  private List<Tensor> llamaTensors() {
    List<Tensor> all = new ArrayList<>();
    all.add(new Tensor("model.embed_tokens.weight", vocabulary, width));
    for (int layer = 0; layer < layers; layer++) {
      String prefix = "model.layers." + layer + ".";
      all.add(new Tensor(prefix + "input_layernorm.weight", width));
      for (String part : List.of("q", "k", "v", "o")) {
        all.add(new Tensor(prefix + "self_attn." + part + "_proj.weight", width, width));
      }
      all.add(new Tensor(prefix + "post_attention_layernorm.weight", width));
      all.add(new Tensor(prefix + "mlp.gate_proj.weight", inner, width));
      all.add(new Tensor(prefix + "mlp.up_proj.weight", inner, width));
      all.add(new Tensor(prefix + "mlp.down_proj.weight", width, inner));
    }
    all.add(new Tensor("model.norm.weight", width));
    return all;
  }

  /** Matrices of linear layers are stored [in][out], as OpenAI did. */
  private List<Tensor> gpt2Tensors() {
    List<Tensor> all = new ArrayList<>();
    all.add(new Tensor("transformer.wte.weight", vocabulary, width));
    all.add(new Tensor("transformer.wpe.weight", positions, width));
    for (int layer = 0; layer < layers; layer++) {
      String prefix = "transformer.h." + layer + ".";
      addWithBias(all, prefix + "ln_1", width);
      addWithBias(all, prefix + "attn.c_attn", width, 3 * width);
      addWithBias(all, prefix + "attn.c_proj", width, width);
      addWithBias(all, prefix + "ln_2", width);
      addWithBias(all, prefix + "mlp.c_fc", width, inner);
      addWithBias(all, prefix + "mlp.c_proj", inner, width);
    }
    addWithBias(all, "transformer.ln_f", width);
    return all;
  }

  private static void addWithBias(List<Tensor> all, String name, int... shape) {
    all.add(new Tensor(name + ".weight", shape));
    all.add(new Tensor(name + ".bias", shape[shape.length - 1]));
  }
}
