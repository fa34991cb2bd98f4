/**
 * Measures of a model as the field reports them, by the rules of EleutherAI's lm-evaluation-harness
 * and with its layout of results: {@link io.fundamentallm.evaluation.EvaluationTask} says what is
 * asked, {@link io.fundamentallm.evaluation.Evaluator} asks, {@link
 * io.fundamentallm.evaluation.EvaluationResults} holds the figures.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.evaluation;
