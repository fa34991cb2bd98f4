package io.fundamentallm.webservice;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells on the terminal why the start failed, without a stack trace. */
final class ModelUnavailableAnalyzer extends AbstractFailureAnalyzer<ModelUnavailable> {
  @Override
  protected FailureAnalysis analyze(Throwable failure, ModelUnavailable cause) {
    return new FailureAnalysis(
        String.valueOf(cause.getMessage()),
        "Start with --fundamentallm.model=DIRECTORY, or with the environment's"
            + " FUNDAMENTALLM_MODEL, the directory of a model that a runtime here can load.",
        cause);
  }
}
