package io.fundamentallm.samplers;

import io.fundamentallm.Samplers;
import io.fundamentallm.contract.SamplerContract;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.model.ModelInfo;
import java.util.Set;
import org.junit.jupiter.api.Nested;

/** The contract over every stage; those that may filter anything stand behind keep-best. */
class SamplerContractTest {
  private abstract static class Of extends SamplerContract {
    private final String spec;

    Of(String spec) {
      this.spec = spec;
    }

    @Override
    protected Recipe<Sampler> sampler() {
      return Samplers.parse(spec);
    }

    @Override
    protected Binding binding() {
      return Binding.of(ModelInfo.builder("contract", 24, 1024).endTokens(Set.of(0)).build());
    }
  }

  @Nested
  class Greedy extends Of {
    Greedy() {
      super("temperature=0");
    }
  }

  @Nested
  class Warm extends Of {
    Warm() {
      super("temperature=0.8");
    }
  }

  @Nested
  class Dynamic extends Of {
    Dynamic() {
      super("dynamic-temperature(value=1,range=0.5)");
    }

    @Override
    protected boolean countsCandidates() {
      return true;
    }
  }

  @Nested
  class K extends Of {
    K() {
      super("top-k=5");
    }
  }

  @Nested
  class KWithTies extends Of {
    KWithTies() {
      super("top-k(value=5,keep-ties=true)");
    }
  }

  @Nested
  class P extends Of {
    P() {
      super("top-p(value=0.7,min-keep=2)");
    }
  }

  @Nested
  class Min extends Of {
    Min() {
      super("min-p=0.1");
    }
  }

  @Nested
  class Typicals extends Of {
    Typicals() {
      super("typical=0.8");
    }
  }

  @Nested
  class Epsilons extends Of {
    Epsilons() {
      super("epsilon=0.03");
    }
  }

  @Nested
  class Etas extends Of {
    Etas() {
      super("eta=0.03");
    }
  }

  @Nested
  class Sigma extends Of {
    Sigma() {
      super("top-n-sigma=1");
    }
  }

  @Nested
  class A extends Of {
    A() {
      super("top-a=0.3");
    }
  }

  @Nested
  class Tail extends Of {
    Tail() {
      super("tail-free=0.8");
    }

    @Override
    protected boolean countsCandidates() {
      return true;
    }
  }

  @Nested
  class Xtcs extends Of {
    Xtcs() {
      super("xtc(probability=1,threshold=0.1)");
    }
  }

  @Nested
  class XtcsAtTimes extends Of {
    XtcsAtTimes() {
      super("xtc(probability=0.5,threshold=0.1)");
    }
  }

  @Nested
  class Mirostat1 extends Of {
    Mirostat1() {
      super("mirostat(version=1,tau=3)");
    }
  }

  @Nested
  class Mirostat2 extends Of {
    Mirostat2() {
      super("mirostat(tau=3)");
    }
  }

  @Nested
  class Repetition extends Of {
    Repetition() {
      super("repetition-penalty(value=1.3,window=8)");
    }
  }

  @Nested
  class Frequency extends Of {
    Frequency() {
      super("frequency-penalty=0.3");
    }
  }

  @Nested
  class Presence extends Of {
    Presence() {
      super("presence-penalty=0.3");
    }
  }

  @Nested
  class Drys extends Of {
    Drys() {
      super("dry(multiplier=0.8,breakers=3)");
    }
  }

  @Nested
  class Bias extends Of {
    Bias() {
      super("logit-bias=2:1.5;3:-2");
    }
  }

  @Nested
  class Sequence extends Of {
    Sequence() {
      super("sequence-bias=2+3:1.5");
    }
  }

  @Nested
  class Decay extends Of {
    Decay() {
      super("exponential-decay-length-penalty(start=3,factor=1.05)");
    }
  }

  @Nested
  class HuggingFaces extends Of {
    HuggingFaces() {
      super("hf(temperature=0.7,repetition-penalty=1.2)");
    }
  }

  @Nested
  class Llama extends Of {
    Llama() {
      super("llama.cpp(repeat-penalty=1.1)");
    }
  }

  @Nested
  class Vllms extends Of {
    Vllms() {
      super("vllm(top-k=8,top-p=0.9)");
    }
  }

  @Nested
  class Chain extends Of {
    Chain() {
      super("temperature=1.3,top-k=12,top-p=0.9,repetition-penalty=1.1,mirostat(tau=2)");
    }
  }
}
