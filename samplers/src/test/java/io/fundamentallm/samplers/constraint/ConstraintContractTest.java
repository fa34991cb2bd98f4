package io.fundamentallm.samplers.constraint;

import io.fundamentallm.Samplers;
import io.fundamentallm.contract.SamplerContract;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.model.ModelInfo;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;

/**
 * The contract wants to choose any of its 24 tokens at any time, so each language here is one that
 * goes on for ever with all of them: runs of one character. A choice is finite and cannot.
 */
class ConstraintContractTest {
  private static Binding runsOf(String character) {
    List<byte[]> pieces = new ArrayList<>();
    for (int i = 1; i <= 24; i++) {
      pieces.add(Pieces.bytes(character.repeat(i)));
    }
    return Binding.of(ModelInfo.builder("contract", 24, 1024).build(), new Pieces(pieces, false));
  }

  abstract static class OfRuns extends SamplerContract {
    private final Recipe<Sampler> recipe;
    private final Binding runs;

    OfRuns(String spec, String character) {
      recipe = Samplers.parse(spec);
      runs = runsOf(character);
    }

    @Override
    protected Recipe<Sampler> sampler() {
      return recipe;
    }

    @Override
    protected Binding binding() {
      return runs;
    }
  }

  @Nested
  class OfRegex extends OfRuns {
    OfRegex() {
      super("regex=\"(a|aa)*\"", "a");
    }
  }

  @Nested
  class OfJson extends OfRuns {
    OfJson() {
      super("json", "[");
    }
  }

  @Nested
  class OfJsonSchema extends OfRuns {
    OfJsonSchema() {
      super(
          "json-schema=\"{\\\"type\\\":[\\\"array\\\",\\\"null\\\"],"
              + "\\\"items\\\":{\\\"$ref\\\":\\\"#\\\"}}\"",
          "[");
    }
  }

  @Nested
  class OfGrammar extends OfRuns {
    OfGrammar() {
      super("grammar=\"root ::= \\\"é\\\" root \\\"b\\\" | \\\"\\\"\"", "é");
    }
  }
}
