/**
 * What a training is given and what it tells: {@link io.fundamentallm.training.TrainingPlan},
 * {@link io.fundamentallm.training.TrainingData}, {@link
 * io.fundamentallm.training.TrainingListener}, and {@link io.fundamentallm.training.Trainer}, which
 * runs it.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.training;
