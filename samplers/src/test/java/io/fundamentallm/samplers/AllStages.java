package io.fundamentallm.samplers;

import java.util.List;

/** Every stage with options under which it does something to rows of 24 logits. */
final class AllStages {
  /** The end token of these is 0. */
  static final List<String> PROCESSORS =
      List.of(
          "temperature=0.8",
          "dynamic-temperature(value=1,range=0.5,exponent=1.2)",
          "top-k=12",
          "top-k(value=12,keep-ties=true)",
          "top-p=0.9",
          "top-p(value=0.1,min-keep=3)",
          "min-p=0.05",
          "min-p(value=0.9,min-keep=4)",
          "typical=0.9",
          "typical(value=0.2,min-keep=3,keep-ties=true)",
          "epsilon=0.02",
          "eta=0.03",
          "top-n-sigma=1.5",
          "top-a=0.2",
          "top-h=0.4",
          "top-h(value=0.9,top=5)",
          "p-less",
          "p-less(norm=true)",
          "quadratic-smoothing=0.2",
          "quadratic-smoothing(factor=0.3,curve=1.5)",
          "eos-prioritizer(value=0.02,tokens=0)",
          "tail-free=0.9",
          "xtc(probability=0.5,threshold=0.05)",
          "xtc(probability=1,threshold=0.02,keep-ties=false,min-keep=2,protected=1;2)",
          "repetition-penalty(value=1.3,window=6)",
          "repetition-penalty(value=0.8,prompt=false)",
          "frequency-penalty=0.4",
          "presence-penalty(value=0.7,prompt=true)",
          "dry(multiplier=0.8,base=1.5,allowed-length=1,breakers=3;5+6)",
          "dry(multiplier=1.5,window=9)",
          "no-repeat-n-gram=3",
          "no-repeat-n-gram(value=2,source=prompt)",
          "logit-bias=1:2;5:-1.5",
          "sequence-bias=2+3:1.5;4:0.5",
          "allowed-tokens(value=1;2;3;8;9,only-at-begin=true)",
          "suppressed-tokens=7;11",
          "suppressed-tokens(value=4;6,only-at-begin=true)",
          "bad-words=13;1+2;2+3+4",
          "forced-begin-token=3",
          "forced-end-token(max-new-tokens=9,tokens=5;6)",
          "forced-end-token(max-length=17,tokens=0)",
          "min-new-tokens(value=6,tokens=0)",
          "min-length(value=8,tokens=0)",
          "exponential-decay-length-penalty(start=3,factor=1.2,tokens=0)",
          "hf(temperature=0.7,top-k=20,typical-p=0.95,eta-cutoff=0.01,repetition-penalty=1.1)",
          "llama.cpp(repeat-penalty=1.1,dry-multiplier=0.8,xtc-probability=0.3,dynatemp-range=0.2)",
          "vllm(temperature=0.9,min-p=0.05,top-p=0.9,frequency-penalty=0.3)");

  static final List<String> CHOICES =
      List.of(
          "draw",
          "greedy",
          "mirostat(tau=2,eta=0.2)",
          "mirostat(version=1,tau=3,m=10)",
          "adaptive-p=0.3",
          "adaptive-p(target=0.1,decay=0.5)",
          "llama.cpp(mirostat=2,mirostat-tau=3)");

  private AllStages() {}
}
