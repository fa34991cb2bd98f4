package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.contract.NumberTokenizer;
import io.fundamentallm.runtime.cpu.train.CpuTrainer;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trained model learns the logbook of a ship, of which its stories know nothing. */
class FineTuningStories260KTest {
  private static final List<String> SHIPS = List.of("Anna", "Borealis", "Corsair", "Dorothea");
  private static final List<String> GOODS = List.of("salt", "copper", "rope", "tar", "wine");

  @TempDir private Path folder;

  /** One of many, each with its own ship, goods and number. */
  private static String entry(int i) {
    return "Ship: %s; cargo: %d barrels of %s; wind NW."
        .formatted(SHIPS.get(i % 4), 7 * i % 90, GOODS.get(i % 5));
  }

  private double validationLoss(String name, FineTuning tuning, double rate) throws IOException {
    Stories260KTokenizer pieces = Stories260K.tokenizer();
    TrainingData data =
        new TrainingData(new Tokens(pieces), tokens(pieces, 0, 60), tokens(pieces, 60, 75));
    TrainingPlan plan =
        TrainingPlan.builder(folder.resolve(name))
            .fineTuning(tuning)
            .contextLength(32)
            .batchSize(4)
            .steps(25)
            .warmupSteps(3)
            .learningRate(rate, rate / 10)
            .build();
    return new CpuTrainer(2).train(data, plan).validationLoss();
  }

  private static TokenSequence tokens(Stories260KTokenizer pieces, int from, int to) {
    return TokenSequence.of(
        IntStream.range(from, to)
            .flatMap(i -> pieces.encode(entry(i)).stream().mapToInt(Integer::intValue))
            .toArray());
  }

  @Test
  void a_trained_model_learns_another_kind_of_text() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    HuggingFaceFiles.write(Stories260K.model(), Precision.F32, model);
    FineTuning.Lora lora = new FineTuning.Lora(8, 16, List.of(), false);
    double before = validationLoss("untouched", FineTuning.of(model), 0);
    double whole = validationLoss("whole", FineTuning.of(model), 3e-3);
    double adapted = validationLoss("adapted", FineTuning.of(model).withLora(lora), 1e-2);
    assertThat(before).isGreaterThan(2.5);
    assertThat(whole).isLessThan(before / 2);
    assertThat(adapted).isLessThan(before / 2);
  }

  /** What training needs of the model's tokenizer. */
  private static final class Tokens extends NumberTokenizer {
    private final Stories260KTokenizer pieces;

    Tokens(Stories260KTokenizer pieces) {
      super(512, Stories260K.BEGIN, 2);
      this.pieces = pieces;
    }

    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      return pieces.encode(text.toString()).stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public byte[] bytes(int token) {
      return new byte[] {'?'}; // bits per byte play no part here
    }
  }
}
