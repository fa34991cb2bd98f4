package io.fundamentallm.runtime.gpu;

import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.runtime.gpu.ort.GpuSettings;
import io.fundamentallm.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on a graph of each form. */
class FormsContractTest {

  abstract static class OfForm extends LanguageModelContract {
    @TempDir private Path directory;

    private final Form form;
    private final double tolerance;

    OfForm(Form form, double tolerance) {
      this.form = form;
      this.tolerance = tolerance;
    }

    @Override
    protected LanguageModel model() throws IOException {
      TinyDecoder.small().save(directory, form);
      return load(
          directory, Options.of("gpu", Map.of("threads", threads(), "device", TestDevice.name())));
    }

    LanguageModel load(Path directory, Options options) throws IOException {
      return new GpuProvider().load(directory, options);
    }

    /** Of ONNX Runtime, which wait for each other busily. */
    String threads() {
      return "1";
    }

    /** Matrix products of other shapes take other kernels. */
    @Override
    protected boolean exact() {
      return false;
    }

    @Override
    protected double tolerance() {
      return tolerance * TestDevice.rounding();
    }
  }

  @Nested
  class Ids_only extends OfForm {
    Ids_only() {
      super(Form.IDS_ONLY, 1e-5);
    }
  }

  @Nested
  class Mask_and_positions extends OfForm {
    Mask_and_positions() {
      super(Form.MASK_AND_POSITIONS, 1e-5);
    }

    @Override
    String threads() {
      return "2";
    }
  }

  @Nested
  class Tokens_first extends OfForm {
    Tokens_first() {
      super(Form.TOKENS_FIRST, 1e-5);
    }
  }

  @Nested
  class Without_cache extends OfForm {
    Without_cache() {
      super(Form.WITHOUT_CACHE, 1e-5);
    }
  }

  @Nested
  class Merged extends OfForm {
    Merged() {
      super(Form.MERGED, 1e-5);
    }
  }

  @Nested
  class Binary16 extends OfForm {
    Binary16() {
      super(Form.F16, 1e-2);
    }
  }

  @Nested
  class Bfloat16 extends OfForm {
    Bfloat16() {
      super(Form.BF16, 5e-2);
    }
  }

  @Nested
  class Grouped extends OfForm {
    Grouped() {
      super(Form.GROUPED, 1e-5);
    }

    @Override
    String threads() {
      return "2";
    }
  }

  @Nested
  class Grouped_binary16 extends OfForm {
    Grouped_binary16() {
      super(Form.GROUPED_F16, 2e-2);
    }
  }

  @Nested
  class Gen_ai extends OfForm {
    Gen_ai() {
      super(Form.GEN_AI, 1e-5);
    }
  }

  @Nested
  class Grouped_fixed extends OfForm {
    Grouped_fixed() {
      super(Form.GROUPED_FIXED, 1e-5);
    }
  }

  @Nested
  class Fixed extends OfForm {
    Fixed() {
      super(Form.FIXED, 1e-5);
    }
  }

  @Nested
  class Fixed_copied extends OfForm {
    Fixed_copied() {
      super(Form.FIXED_COPIED, 1e-5);
    }
  }

  @Nested
  class Grouped_sized extends OfForm {
    Grouped_sized() {
      super(Form.GROUPED_SIZED, 1e-5);
    }
  }

  @Nested
  class Last_logits extends OfForm {
    Last_logits() {
      super(Form.LAST_LOGITS, 1e-5);
    }
  }

  @Nested
  class Int4 extends OfForm {
    Int4() {
      super(Form.INT4, 1e-5);
    }
  }

  @Nested
  class Without_cache_int4 extends OfForm {
    Without_cache_int4() {
      super(Form.WITHOUT_CACHE_INT4, 1e-5);
    }
  }

  @Nested
  class Grouped_int4 extends OfForm {
    Grouped_int4() {
      super(Form.GROUPED_INT4, 1e-5);
    }
  }

  /**
   * The same code that keeps keys, values and logits in the memory of a CUDA device, on the CPU:
   * the device's memory happens to be the host's.
   */
  abstract static class OnDevice extends OfForm {
    OnDevice(Form form, double tolerance) {
      super(form, tolerance);
    }

    @Override
    LanguageModel load(Path directory, Options options) throws IOException {
      return OnnxModel.load(directory, GpuSettings.of(options), engine -> true);
    }
  }

  @Nested
  class Fed_back_on_device extends OnDevice {
    Fed_back_on_device() {
      super(Form.MASK_AND_POSITIONS, 1e-5);
    }
  }

  @Nested
  class Ids_only_on_device extends OnDevice {
    Ids_only_on_device() {
      super(Form.IDS_ONLY, 1e-5);
    }
  }

  @Nested
  class Bfloat16_on_device extends OnDevice {
    Bfloat16_on_device() {
      super(Form.BF16, 5e-2);
    }
  }

  @Nested
  class Grouped_on_device extends OnDevice {
    Grouped_on_device() {
      super(Form.GROUPED, 1e-5);
    }
  }

  @Nested
  class Grouped_binary16_on_device extends OnDevice {
    Grouped_binary16_on_device() {
      super(Form.GROUPED_F16, 2e-2);
    }
  }

  @Nested
  class Gen_ai_on_device extends OnDevice {
    Gen_ai_on_device() {
      super(Form.GEN_AI, 1e-5);
    }
  }

  @Nested
  class Grouped_fixed_on_device extends OnDevice {
    Grouped_fixed_on_device() {
      super(Form.GROUPED_FIXED, 1e-5);
    }
  }

  @Nested
  class Last_logits_on_device extends OnDevice {
    Last_logits_on_device() {
      super(Form.LAST_LOGITS, 1e-5);
    }
  }

  @Nested
  class Fixed_on_device extends OnDevice {
    Fixed_on_device() {
      super(Form.FIXED, 1e-5);
    }
  }

  @Nested
  class Fixed_copied_on_device extends OnDevice {
    Fixed_copied_on_device() {
      super(Form.FIXED_COPIED, 1e-5);
    }
  }

  @Nested
  class Int4_on_device extends OnDevice {
    Int4_on_device() {
      super(Form.INT4, 1e-5);
    }
  }

  @Nested
  class Grouped_int4_on_device extends OnDevice {
    Grouped_int4_on_device() {
      super(Form.GROUPED_INT4, 1e-5);
    }
  }

  /** Runs of one token with fixed shapes, which CUDA could record. */
  abstract static class Recorded extends OnDevice {
    Recorded(Form form, double tolerance) {
      super(form, tolerance);
    }

    @Override
    LanguageModel load(Path directory, Options options) throws IOException {
      Map<String, String> more =
          Map.of("threads", threads(), "device", TestDevice.name(), "cuda-graphs", "true");
      return super.load(directory, Options.of("gpu", more));
    }
  }

  @Nested
  class Grouped_recorded extends Recorded {
    Grouped_recorded() {
      super(Form.GROUPED, 1e-5);
    }
  }

  @Nested
  class Grouped_binary16_recorded extends Recorded {
    Grouped_binary16_recorded() {
      super(Form.GROUPED_F16, 2e-2);
    }
  }

  @Nested
  class Gen_ai_recorded extends Recorded {
    Gen_ai_recorded() {
      super(Form.GEN_AI, 1e-5);
    }
  }
}
