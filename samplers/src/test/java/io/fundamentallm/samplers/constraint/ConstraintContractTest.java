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

  @Nested
  class OfRegex extends SamplerContract {
    private static final Recipe<Sampler> RECIPE = Samplers.parse("regex=\"(a|aa)*\"");
    private static final Binding RUNS = runsOf("a");

    @Override
    protected Recipe<Sampler> sampler() {
      return RECIPE;
    }

    @Override
    protected Binding binding() {
      return RUNS;
    }
  }

  @Nested
  class OfJson extends SamplerContract {
    private static final Recipe<Sampler> RECIPE = Samplers.parse("json");
    private static final Binding RUNS = runsOf("[");

    @Override
    protected Recipe<Sampler> sampler() {
      return RECIPE;
    }

    @Override
    protected Binding binding() {
      return RUNS;
    }
  }

  @Nested
  class OfJsonSchema extends SamplerContract {
    private static final Recipe<Sampler> RECIPE =
        Samplers.parse(
            "json-schema=\"{\\\"type\\\":[\\\"array\\\",\\\"null\\\"],"
                + "\\\"items\\\":{\\\"$ref\\\":\\\"#\\\"}}\"");
    private static final Binding RUNS = runsOf("[");

    @Override
    protected Recipe<Sampler> sampler() {
      return RECIPE;
    }

    @Override
    protected Binding binding() {
      return RUNS;
    }
  }

  @Nested
  class OfGrammar extends SamplerContract {
    private static final Recipe<Sampler> RECIPE =
        Samplers.parse("grammar=\"root ::= \\\"é\\\" root \\\"b\\\" | \\\"\\\"\"");
    private static final Binding RUNS = runsOf("é");

    @Override
    protected Recipe<Sampler> sampler() {
      return RECIPE;
    }

    @Override
    protected Binding binding() {
      return RUNS;
    }
  }
}
