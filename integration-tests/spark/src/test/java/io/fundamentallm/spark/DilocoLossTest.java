package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.LanguageModel;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextCorpus;
import io.fundamentallm.TextScorer;
import io.fundamentallm.TokenFile;
import io.fundamentallm.TokenSequence;
import io.fundamentallm.Tokenizer;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.TrainingData;
import io.fundamentallm.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two workers that take half of the steps each, beside one that takes all, on the same tokens. */
@ExtendWith(LocalCluster.class)
class DilocoLossTest {
  @TempDir Path folder;

  private static TrainingPlan small(Path directory, int steps) {
    return TrainingPlan.builder(directory)
        .layers(1)
        .heads(2)
        .hiddenSize(32)
        .contextLength(16)
        .batchSize(8)
        .steps(steps)
        .warmupSteps(15)
        .learningRate(1e-2, 1e-3)
        .build();
  }

  private static TrainingPlan larger(Path directory, int steps) {
    return TrainingPlan.builder(directory)
        .layers(2)
        .heads(2)
        .hiddenSize(64)
        .contextLength(32)
        .batchSize(16)
        .steps(steps)
        .warmupSteps(250)
        .learningRate(4e-3, 4e-4)
        .build();
  }

  @Test
  void two_workers_learn_as_much_as_one_from_as_many_tokens() throws IOException {
    Tokenizer tokenizer = Tokenizers.learn("character", "abcdefgh");
    String heldOut = Letters.text(8000, 2);
    TokenSequence tokens = tokens(tokenizer, Letters.text(200_000, 1));

    DilocoPlan plan = DilocoPlan.of(directory -> small(directory, 150), 2).withLocalSteps(30);
    double together = together(tokenizer, plan, heldOut);
    double alone = alone(tokenizer, tokens, small(folder.resolve("alone"), 300), heldOut);
    double little = alone(tokenizer, tokens, small(folder.resolve("little"), 30), heldOut);

    assertThat(little).isGreaterThan(1.1 * alone); // there is something to learn
    assertThat(together).isBetween(0.9 * alone, 1.03 * alone);
  }

  @Test
  @Tag("long")
  void they_do_on_a_novel_too() throws IOException {
    String text = Novel.text(640_000);
    Tokenizer tokenizer = Tokenizers.learn("character", text);
    String heldOut = text.substring(620_000);
    TokenSequence tokens = tokens(tokenizer, text.substring(0, 620_000));

    DilocoPlan plan = DilocoPlan.of(directory -> larger(directory, 2500), 2).withLocalSteps(50);
    double together = together(tokenizer, plan, heldOut);
    double alone = alone(tokenizer, tokens, larger(folder.resolve("alone"), 5000), heldOut);

    assertThat(together).isBetween(0.9 * alone, 1.03 * alone);
  }

  private TokenSequence tokens(Tokenizer tokenizer, String text) throws IOException {
    Path written = Files.writeString(folder.resolve("text"), text);
    return TokenFile.write(folder.resolve("tokens.bin"), tokenizer, TextCorpus.ofFiles(written));
  }

  private double together(Tokenizer tokenizer, DilocoPlan plan, String heldOut) throws IOException {
    Path directory = folder.resolve("together");
    Diloco.train(
        LocalCluster.spark(),
        tokenizer,
        folder.resolve("tokens.bin").toString(),
        directory,
        plan.withTrainer("cpu(threads=1)"));
    return loss(tokenizer, directory, heldOut);
  }

  private static double alone(
      Tokenizer tokenizer, TokenSequence tokens, TrainingPlan plan, String heldOut)
      throws IOException {
    TrainingData data = new TrainingData(tokenizer, tokens, TokenSequence.of());
    Trainers.parse("cpu(threads=1)").train(data, plan);
    return loss(tokenizer, plan.modelDirectory(), heldOut);
  }

  private static double loss(Tokenizer tokenizer, Path directory, String heldOut)
      throws IOException {
    try (LanguageModel model = LanguageModels.load(directory)) {
      int stride = model.info().contextLength() / 2;
      return TextScorer.of(tokenizer, model).withStride(stride).score(heldOut).bitsPerToken();
    }
  }
}
