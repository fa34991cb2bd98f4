package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import java.util.HashMap;
import java.util.Map;

/**
 * What is below the head of a model: the embeddings, and the blocks one on another. A pass leaves
 * in the activations what a backward pass needs. One thread at a time; memory for activations is
 * allocated for the most rows seen and then kept.
 */
final class DecoderStack {
  private final Activations.Kind kind;
  private final Embedding embedding;
  private final Block[] blocks;
  // The first block that gradients go through.
  private int lowest;
  private Activations activations;

  DecoderStack(Compute compute, Activations.Kind kind, ParameterLayout layout) {
    this.kind = kind;
    TrainableConfig config = kind.config();
    embedding = new Embedding(compute, config, layout);
    blocks = new Block[config.layers()];
    Map<Rotary, RotaryPositions> rotations = new HashMap<>();
    for (int i = 0; i < blocks.length; i++) {
      Rotary rule = config.shape().positions().get(i).rotary();
      RotaryPositions rotary =
          rule == null
              ? null
              : rotations.computeIfAbsent(rule, of -> new RotaryPositions(of, config));
      blocks[i] = new Block(compute, config, i, layout.block(i), rotary);
    }
    activations = new Activations(kind, 0);
  }

  /** From now on skips the gradients of parameters that are frozen. */
  void freezeAllBut(TrainedTensors trained) {
    embedding.freezeAllBut(trained, kind.config().vocabularySize());
    for (Block block : blocks) {
      block.freezeAllBut(trained);
    }
  }

  /** From now on gradients end above the blocks that have nothing trained in or below them. */
  void stopAtLowest(TrainedTensors trained, ParameterLayout layout) {
    lowest = 0;
    while (lowest < blocks.length && !trained.touch(0, end(layout, lowest))) {
      lowest++;
    }
  }

  /** Where the parameters up to and with a block end. */
  private static int end(ParameterLayout layout, int block) {
    return block + 1 < layout.blocks() ? layout.block(block + 1).begin() : layout.finalNormWeight();
  }

  /** What the last pass left; others after a pass of more rows. */
  Activations activations() {
    return activations;
  }

  /**
   * Computes the residual stream from the embeddings to the end of the last block.
   *
   * @param inputs token ids [B·T]
   */
  void forward(float[] parameters, int[] inputs, Pass pass) {
    if (activations.rows < inputs.length) {
      activations = new Activations(kind, inputs.length);
    }
    Activations a = activations;
    MixtureActivations.Gradients mixtures = a.mixtures();
    if (mixtures != null) {
      Balance.begin(mixtures);
    }
    embedding.forward(parameters, inputs, pass, a.stream[0]);
    for (int i = 0; i < blocks.length; i++) {
      blocks[i].forward(parameters, pass, a.stream[i], a.blocks[i], a.stream[i + 1]);
      blocks[i].count(a.blocks[i], pass, a);
    }
  }

  /** Adds the gradients of parameters, from that of the stream's end, which the head has left. */
  void backward(Backward backward, int[] inputs) {
    Activations a = activations;
    Pass pass = backward.pass();
    for (int i = blocks.length - 1; i >= lowest; i--) {
      if (!a.lastUser(i)) {
        blocks[i].again(backward.parameters(), pass, a.stream[i], a.blocks[i]);
      }
      blocks[i].backward(backward, a.stream[i], a.blocks[i], a);
      a.stepDown();
    }
    if (lowest == 0) {
      embedding.backward(backward.gradients(), inputs, pass, a.dout);
    }
  }
}
