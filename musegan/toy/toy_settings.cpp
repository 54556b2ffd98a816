#include "musegan/toy/toy_settings.hpp"

namespace musegan {

io::SettingList settings_of(ToySettings& s) {
    io::SettingList list;
    list.choice("data", s.data, "The real points");
    list.choice("fake", s.fake, "The fake points: a trained generator's, or real ones plus noise of deviation 1");
    list.choice("constraint", s.constraint,
                "What holds the critic's slope; cut: the penalty without create_graph, which no weight feels");
    list.number<double>("penalty_weight", s.objective.penalty_weight, {0.0, 1e9}, "Lambda of the gradient penalty");
    list.choice("penalty_sides", s.objective.penalty_sides, "Slopes that are penalised: all but 1, or those above 1");
    list.number<double>("slope_epsilon", s.slope_epsilon, {0.0, 1.0}, "Under the root of the slope's length");
    list.choice("penalty_at", s.penalty_at, "Points at which the slope is penalised");
    list.number<double>("clip", s.clip, io::above(0.0, 1e6), "Bound on the critic's weights, for clipping");
    list.choice("critic_norm", s.critic_norm, "After each hidden layer of the critic");
    io::Setting& activation = list.choice("activation", s.activation, "Of the critic's hidden layers");
    activation.expected = "leaky_relu, relu or tanh";
    activation.is_valid = [&s] { return s.activation != layers::Activation::none; };
    list.number<std::int64_t>("width", s.width, {1, 4096}, "Of the hidden layers, of critic and generator");
    list.number<std::int64_t>("layers", s.layers, {1, 32}, "Hidden layers of each");
    list.number<std::int64_t>("batch", s.batch, {2, 65536}, "Points of each kind per update");
    list.number<std::int64_t>("updates", s.updates, {1, 1'000'000}, "Of the generator, or turns of a critic alone");
    list.number<std::int64_t>("critic_updates", s.critic_updates, {1, 10'000}, "Of the critic, before each of them");
    list.number<double>("learning_rate", s.learning_rate, io::above(0.0, 1.0), "Of Adam, for both networks");
    list.number<std::uint64_t>("seed", s.seed, {0, UINT64_MAX}, "The same seed and device give the same bits");
    io::Setting& dtype = list.choice("dtype", s.dtype, "Number type");
    dtype.expected = "f32 or f64";
    dtype.is_valid = [&s] { return tensor::is_real_number(s.dtype); };
    return list;
}

}  // namespace musegan
