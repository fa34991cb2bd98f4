/**
 * The input of a training run and its reports: {@link io.fundamentallm.training.TrainingPlan},
 * {@link io.fundamentallm.training.TrainingData}, {@link
 * io.fundamentallm.training.TrainingListener}, and {@link io.fundamentallm.training.Trainer}, which
 * runs it.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.training;
