#include "cli/options.h"
#include "ops/describe.h"
#include "ops/reference.h"

namespace fairlead::cli {

void add_ops(CLI::App& app, World& world, Action& action) {
  auto* command = app.add_subcommand("ops", "List the operations, or show one with its parameters");
  struct Options {
    std::string operation, output = "table";
  };
  auto options = std::make_shared<Options>();
  command->add_option("OPERATION", options->operation, "Show this one in full");
  command->add_option("-o,--output", options->output, "table, json, or markdown: the reference")
      ->check(CLI::IsMember({"table", "json", "markdown"}))
      ->capture_default_str();
  command->footer(
      "Examples:\n  fairlead ops\n  fairlead ops scale_deployment\n  fairlead ops -o json\n  fairlead ops -o markdown "
      "> docs/operations.md");
  command->callback([&world, &action, options] {
    action = [&world, options] {
      const bool as_json = options->output == "json", as_markdown = options->output == "markdown";
      std::string text;
      if (options->operation.empty()) {
        text = as_json       ? pretty(ops::catalog_json(world.catalog)) + "\n"
               : as_markdown ? ops::catalog_markdown(world.catalog)
                             : ops::catalog_text(world.catalog);
      } else if (const auto* operation = world.catalog.find(options->operation)) {
        text = as_json       ? pretty(ops::operation_json(*operation)) + "\n"
               : as_markdown ? ops::operation_markdown(*operation)
                             : ops::operation_text(*operation);
      } else {
        return report(world, world.catalog.unknown(options->operation));
      }
      std::fwrite(text.data(), 1, text.size(), world.out);
      return 0;
    };
  });
}

}  // namespace fairlead::cli
