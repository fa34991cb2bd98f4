package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Positions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Windows and rotary positions under the keys of llama.cpp's converter, and as tensors. */
final class PositionKeys {
  private final TransformerConfig config;
  private final Family family;

  PositionKeys(TransformerConfig config, Family family) {
    this.config = config;
    this.family = family;
  }

  private IllegalArgumentException unknown(String what) {
    return new IllegalArgumentException(
        "llama.cpp does not run " + family.gguf().architecture() + " models with " + what);
  }

  void write(MetadataWriter keys, String prefix) {
    writeWindow(keys, prefix);
    requirePattern();
    Rotary rotary = rotary(false);
    if (rotary == null) {
      return;
    }
    keys.number(prefix + "rope.dimension_count", rotary.dimensions())
        .real(prefix + "rope.freq_base", rotary.theta());
    write(rotary.scaling(), keys, prefix + "rope.scaling.");
    Rotary sliding = rotary(true);
    if (family.reads("rope_local_base_freq") && sliding != null) {
      if (sliding.theta() != family.number("rope_local_base_freq", 0)) {
        keys.real(prefix + "rope.freq_base_swa", sliding.theta());
      }
      if (!(sliding.scaling() instanceof Rotary.Unscaled)) {
        throw unknown("scaled positions in layers that have a window");
      }
    } else if (sliding != null && !sliding.equals(rotary)) {
      throw unknown("other positions in layers that have a window");
    }
  }

  /** The positions of layers with a window, or of the others; null if there are none. */
  private @Nullable Rotary rotary(boolean sliding) {
    Rotary any = null;
    for (Positions layer : config.positions()) {
      if (layer.rotary() != null && layer.window() > 0 == sliding) {
        return layer.rotary();
      }
      any = layer.rotary() != null ? layer.rotary() : any;
    }
    return sliding ? null : any;
  }

  private int window(Positions layer) {
    return layer.window() >= config.contextLength() ? 0 : layer.window();
  }

  private void writeWindow(MetadataWriter keys, String prefix) {
    int window = 0;
    for (Positions layer : config.positions()) {
      if (window != 0 && window(layer) != 0 && window(layer) != window) {
        throw unknown("windows of several sizes");
      }
      window = Math.max(window, window(layer));
    }
    String key = prefix + "attention.sliding_window";
    if (family.reads("sliding_window_pattern")) {
      int own = config.positions().stream().mapToInt(Positions::window).max().orElse(0);
      // none would be the architecture's own window
      keys.number(key, own == 0 ? config.contextLength() : own);
      int usual = (int) family.number("sliding_window_pattern", 1);
      int pattern = own == 0 ? usual : pattern(usual);
      if (pattern != usual) {
        keys.number(key + "_pattern", pattern);
      }
    } else if (window > 0) {
      // llama.cpp has windows where a family has a pattern of them: others' it does not even read,
      // and phi3's it sets to none with a warning
      throw unknown(
          "a sliding window of "
              + window
              + " tokens, but lets every token see all before it, which is another model for longer"
              + " texts. If yours are not longer, set \"sliding_window\" to null in config.json");
    }
  }

  /** Of how many layers the last has no window. */
  private int pattern(int usual) {
    if (hasWindowsBy(usual)) {
      return usual;
    }
    for (int pattern = 1; pattern <= config.layers() + 1; pattern++) {
      if (hasWindowsBy(pattern)) {
        return pattern;
      }
    }
    throw unknown("windows in no regular order");
  }

  private boolean hasWindowsBy(int pattern) {
    for (int i = 0; i < config.layers(); i++) {
      if ((config.positions().get(i).window() > 0) != ((i + 1) % pattern != 0)) {
        return false;
      }
    }
    return true;
  }

  /** Which layers have no positions is part of an architecture, and of no key. */
  private void requirePattern() {
    int interval = (int) family.number("no_rope_layer_interval", 0);
    boolean table = config.positions().stream().allMatch(layer -> layer.rotary() == null);
    for (int i = 0; !table && i < config.layers(); i++) {
      boolean turns = interval == 0 || (i + 1) % interval != 0;
      if (turns != (config.positions().get(i).rotary() != null)) {
        throw unknown("positions in these layers");
      }
    }
  }

  private void write(Rotary.Scaling scaling, MetadataWriter keys, String prefix) {
    if (scaling instanceof Rotary.Linear linear) {
      keys.text(prefix + "type", "linear").real(prefix + "factor", linear.factor());
    } else if (scaling instanceof Rotary.Yarn yarn) {
      // llama.cpp always rounds them, even those of gpt-oss, whose own files say otherwise
      if (!yarn.truncate() && !config.attention().sinks()) {
        throw unknown("YaRN whose bounds are not rounded");
      }
      keys.text(prefix + "type", "yarn")
          .real(prefix + "factor", yarn.factor())
          .number(prefix + "original_context_length", yarn.trainedContext())
          .real(prefix + "yarn_beta_fast", yarn.betaFast())
          .real(prefix + "yarn_beta_slow", yarn.betaSlow());
      // llama.cpp multiplies this with its own growth of cosines and sines
      double own = 1 + 0.1 * Math.log(yarn.factor());
      if (Math.abs(yarn.attentionFactor() / own - 1) > 1e-6) {
        keys.real(prefix + "attn_factor", yarn.attentionFactor() / own);
      }
    } else if (scaling instanceof Rotary.LongRope rule) {
      keys.number(prefix + "original_context_length", rule.trainedContext())
          .real(prefix + "attn_factor", rule.attentionFactor());
    } else if (scaling instanceof Rotary.Dynamic) {
      throw unknown("dynamic NTK scaling of rotary positions");
    }
  }

  /** Divisors of frequencies as tensors, by name. */
  Map<String, float[]> divisors() {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    Rotary rotary = rotary(false);
    Rotary.Scaling scaling = rotary == null ? new Rotary.Unscaled() : rotary.scaling();
    if (scaling instanceof Rotary.Divided divided) {
      tensors.put("rope_freqs.weight", array(divided.divisors()));
    } else if (rotary != null && scaling instanceof Rotary.Llama3 rule) {
      float[] divisors = new float[rotary.dimensions() / 2];
      for (int i = 0; i < divisors.length; i++) {
        double frequency = Math.pow(rotary.theta(), -2.0 * i / rotary.dimensions());
        divisors[i] = (float) divisor(rule, frequency);
      }
      tensors.put("rope_freqs.weight", divisors);
    } else if (scaling instanceof Rotary.LongRope rule) {
      tensors.put("rope_factors_short.weight", array(rule.shortDivisors()));
      tensors.put("rope_factors_long.weight", array(rule.longDivisors()));
    }
    return tensors;
  }

  private static float[] array(List<Float> values) {
    float[] array = new float[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return array;
  }

  /** What Llama 3.1's rule divides a frequency by. */
  private static double divisor(Rotary.Llama3 rule, double frequency) {
    double rotations = rule.trainedContext() * frequency / (2 * Math.PI);
    double kept =
        (rotations - rule.lowFrequencyFactor())
            / (rule.highFrequencyFactor() - rule.lowFrequencyFactor());
    kept = Math.max(0, Math.min(1, kept));
    return 1 / ((1 - kept) / rule.factor() + kept);
  }
}
