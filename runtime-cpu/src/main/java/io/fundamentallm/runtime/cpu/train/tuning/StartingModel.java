package io.fundamentallm.runtime.cpu.train.tuning;

import io.fundamentallm.ProviderException;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.internal.directory.VocabularyFit;
import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.runtime.cpu.format.BaseModel;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.Activations;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The model that fine-tuning starts from, with the tokenizer of the new texts.
 *
 * @param model as it was read
 * @param tokenizer whose tokens the model all knows
 * @param from where the model is
 */
record StartingModel(BaseModel model, Tokenizer tokenizer, Path from) {
  private static final List<String> TEMPLATE =
      List.of("tokenizer_config.json", "chat_template.jinja");

  /**
   * Reads the model.
   *
   * @throws IllegalArgumentException when it does not fit the plan or the tokenizer
   * @throws IOException when it cannot be read or cannot be trained
   */
  static StartingModel of(TrainingPlan plan, FineTuning fineTuning, Tokenizer tokenizer)
      throws IOException {
    Path from = fineTuning.model();
    requireApart(plan, from);
    BaseModel model = BaseModel.read(from);
    requireFit(plan, tokenizer, model.config(), from);
    return new StartingModel(model, tokenizer, from);
  }

  /** Refuses to write the result over the model. */
  static void requireApart(TrainingPlan plan, Path from) throws IOException {
    if (Files.exists(plan.modelDirectory())
        && Files.exists(from)
        && Files.isSameFile(plan.modelDirectory(), from)) {
      throw new IllegalArgumentException(
          from + " is the model to start from; expected another model directory for the result");
    }
  }

  /** Checks that a model's vocabulary and context suffice, and that its tokens are the texts'. */
  static void requireFit(TrainingPlan plan, Tokenizer tokenizer, TrainableConfig config, Path from)
      throws IOException {
    int tokens = tokenizer.vocabulary().size();
    if (tokens > config.vocabularySize()) {
      throw new IllegalArgumentException(
          "the tokenizer has "
              + tokens
              + " tokens, but the model in "
              + from
              + " knows "
              + config.vocabularySize());
    }
    try {
      VocabularyFit.require(tokens, config.vocabularySize());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(from + ": " + e.getMessage(), e);
    }
    if (plan.contextLength() > config.contextLength()) {
      throw new IllegalArgumentException(
          "contextLength "
              + plan.contextLength()
              + " is more than the "
              + config.contextLength()
              + " positions of the model in "
              + from
              + "; set contextLength to at most that");
    }
    requireSameTokens(tokenizer, from);
  }

  /** A tokenizer may lack the last of the model's tokens, or have more. */
  private static void requireSameTokens(Tokenizer tokenizer, Path from) throws IOException {
    Vocabulary theirs;
    try {
      theirs = Tokenizers.load(from).vocabulary();
    } catch (ProviderException e) {
      return; // none is there, or no module that reads it
    }
    Vocabulary ours = tokenizer.vocabulary();
    for (int id = 0; id < Math.min(ours.size(), theirs.size()); id++) {
      if (!ours.token(id).equals(theirs.token(id))) {
        throw new IllegalArgumentException(
            "the data's tokenizer is not that of the model in "
                + from
                + ": its token "
                + id
                + " is \""
                + ours.token(id)
                + "\", not \""
                + theirs.token(id)
                + "\"; take the model's own, Tokenizers.load(Path.of(\""
                + from
                + "\"))");
      }
    }
  }

  /** A transformer with these weights, not a copy, that computes some of the gradients. */
  TrainableTransformer transformer(
      TrainingPlan plan, Kernels kernels, Parallel parallel, TrainedTensors trained) {
    TrainableConfig shape = shape(plan, model.config());
    TrainableTransformer transformer =
        new TrainableTransformer(
            Activations.Kind.of(plan, shape),
            kernels,
            parallel,
            model.parameters(),
            Objective.of(plan, tokenizer.vocabulary()));
    transformer.freezeAllBut(trained);
    return transformer;
  }

  /** What is computed with: positions that windows do not reach take no memory. */
  static TrainableConfig shape(TrainingPlan plan, TrainableConfig config) {
    // but a position table has its own length
    return config.hasPositionTable() ? config : config.withContextLength(plan.contextLength());
  }

  /** Identifies the model, while its weights are as they were read. */
  String description() {
    return model.config() + ", weights " + Integer.toHexString(Arrays.hashCode(model.parameters()));
  }

  /** Writes a whole model with other weights. */
  void write(float[] parameters, Path to) throws IOException {
    Vocabulary vocabulary = tokenizer.vocabulary();
    Set<Integer> end = vocabulary.eos().stream().boxed().collect(Collectors.toSet());
    ModelDirectory.withdraw(to);
    tokenizer.save(to);
    keepTemplate(to);
    model.write(to, parameters, vocabulary.bos(), end);
  }

  /** A plugin's tokenizer may read its chat template from files that it does not write. */
  private void keepTemplate(Path to) throws IOException {
    if (Files.exists(to.resolve(TEMPLATE.get(0)))) {
      return; // it writes all of them
    }
    for (String name : TEMPLATE) {
      Path file = from.resolve(name);
      if (Files.isRegularFile(file)) {
        AtomicFile.write(to.resolve(name), ByteBuffer.wrap(Files.readAllBytes(file)));
      }
    }
  }
}
