package io.fundamentallm.benchmarks.models;

import java.util.ArrayList;
import java.util.List;

/**
 * A model's sizes, filled with random weights: speed does not depend on what a model has learnt.
 */
public enum Shape {
  /** The 15M-parameter Llama of Karpathy's llama2.c. */
  S(Kind.TIED_LLAMA, 288, 6, 6, 768, 32_000, 2048),
  /** The 110M-parameter Llama of Karpathy's llama2.c. */
  M(Kind.TIED_LLAMA, 768, 12, 12, 2048, 32_000, 2048),
  /** A Llama of 34M parameters for long contexts: keys and values of 32 KB a token. */
  LONG(Kind.TIED_LLAMA, 512, 8, 8, 1408, 16_384, 8448),
  /** GPT-2 124M (Radford et al. 2019). */
  G(Kind.GPT2, 768, 12, 12, 3072, 50_257, 1024),
  /** TinyLlama (Zhang et al. 2024), 1.1 billion parameters. */
  TINY_LLAMA(Kind.LLAMA, 2048, 22, 32, 5632, 32_000, 2048),
  /**
   * A mixture in the manner of Qwen 3: 2.96 billion parameters, of which a token uses 284 million.
   */
  QWEN3_MOE(Kind.MIXTURE, 1024, 28, 16, 512, 32_000, 2048);

  /** What is computed. */
  private enum Kind {
    GPT2,
    /** Llama with the embedding as its head. */
    TIED_LLAMA,
    /** Llama with a head of its own, and 4 heads of keys and values. */
    LLAMA,
    /** Qwen 3 likewise, with 64 experts in each layer. */
    MIXTURE
  }

  /** Experts of a layer. */
  static final int EXPERTS = 64;

  /** Those that the router chooses for a token. */
  static final int CHOSEN = 4;

  private static final int FEW_HEADS = 4;
  private static final String EMBEDDING = "model.embed_tokens.weight";

  private final Kind kind;
  final int width;
  final int layers;
  final int heads;

  /** Channels within the feed-forward block, or within an expert. */
  final int inner;

  final int vocabulary;
  final int positions;

  Shape(Kind kind, int width, int layers, int heads, int inner, int vocabulary, int positions) {
    this.kind = kind;
    this.width = width;
    this.layers = layers;
    this.heads = heads;
    this.inner = inner;
    this.vocabulary = vocabulary;
    this.positions = positions;
  }

  /** A Llama or what has its rules, else GPT-2. */
  boolean llama() {
    return kind != Kind.GPT2;
  }

  boolean mixture() {
    return kind == Kind.MIXTURE;
  }

  /** Whether the embedding is the head, too. */
  boolean tied() {
    return kind == Kind.GPT2 || kind == Kind.TIED_LLAMA;
  }

  /** Heads of keys and values. */
  int keyValueHeads() {
    return tied() ? heads : FEW_HEADS;
  }

  /** Whether the directory in Hugging Face's layout has 16 bits (BF16) a weight, else 32. */
  boolean halves() {
    return !tied();
  }

  /** The number of token ids. */
  public int vocabulary() {
    return vocabulary;
  }

  /** The number of blocks. */
  public int layers() {
    return layers;
  }

  /** Heads of queries. */
  public int heads() {
    return heads;
  }

  /** Channels of one head. */
  public int headWidth() {
    return width / heads;
  }

  /** Whether positions are an input of the graph, as a table of learned ones needs them. */
  public boolean learnedPositions() {
    return !llama();
  }

  /** Weights that one step of decoding reads. */
  public long weightsRead() {
    return tensors().stream().mapToLong(this::elementsRead).sum();
  }

  /** Of a table it reads a row, and of the experts a few. */
  private long elementsRead(Tensor tensor) {
    boolean table =
        tensor.name().equals("transformer.wpe.weight")
            || (tensor.name().equals(EMBEDDING) && !tied());
    return table
        ? 0
        : tensor.name().contains(".experts.")
            ? (long) tensor.elements() * CHOSEN / EXPERTS
            : tensor.elements();
  }

  /**
   * Floating-point operations of a token in a pass over many, without the head, which only the last
   * token needs: two of each weight and, for attention, four of each channel and position seen.
   *
   * @param seen how many positions a token sees, on average
   */
  public double operations(double seen) {
    long head = (long) vocabulary * width;
    return 2.0 * (weightsRead() - head) + 4.0 * layers * width * seen;
  }

  /** Those of the head. */
  public double headOperations() {
    return 2.0 * vocabulary * width;
  }

  /** All weights. */
  public long parameters() {
    return tensors().stream().mapToLong(Tensor::elements).sum();
  }

  /** Weights of the embedding, where it is not the head, too; else none. */
  public long embedding() {
    return tied() ? 0 : (long) vocabulary * width;
  }

  /** Every tensor by its name in Hugging Face's layout. */
  List<Tensor> tensors() {
    return llama() ? llamaTensors() : gpt2Tensors();
  }

  private List<Tensor> llamaTensors() {
    List<Tensor> all = new ArrayList<>();
    all.add(new Tensor(EMBEDDING, vocabulary, width));
    int narrow = keyValueHeads() * headWidth();
    for (int layer = 0; layer < layers; layer++) {
      String prefix = "model.layers." + layer + ".";
      all.add(new Tensor(prefix + "input_layernorm.weight", width));
      all.add(new Tensor(prefix + "self_attn.q_proj.weight", width, width));
      all.add(new Tensor(prefix + "self_attn.k_proj.weight", narrow, width));
      all.add(new Tensor(prefix + "self_attn.v_proj.weight", narrow, width));
      all.add(new Tensor(prefix + "self_attn.o_proj.weight", width, width));
      all.add(new Tensor(prefix + "post_attention_layernorm.weight", width));
      if (mixture()) {
        all.add(new Tensor(prefix + "self_attn.q_norm.weight", headWidth()));
        all.add(new Tensor(prefix + "self_attn.k_norm.weight", headWidth()));
        all.add(new Tensor(prefix + "mlp.gate.weight", EXPERTS, width));
        for (int i = 0; i < EXPERTS; i++) {
          addGated(all, prefix + "mlp.experts." + i + ".");
        }
      } else {
        addGated(all, prefix + "mlp.");
      }
    }
    all.add(new Tensor("model.norm.weight", width));
    if (!tied()) {
      all.add(new Tensor("lm_head.weight", vocabulary, width));
    }
    return all;
  }

  private void addGated(List<Tensor> all, String prefix) {
    all.add(new Tensor(prefix + "gate_proj.weight", inner, width));
    all.add(new Tensor(prefix + "up_proj.weight", inner, width));
    all.add(new Tensor(prefix + "down_proj.weight", width, inner));
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
