using Candor.Kernel;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Candor.Server.Telemetry;

/// <summary>Puts in what the settings ask for, and nothing else: without them no listener exists, and no library of OpenTelemetry is loaded.</summary>
internal static class TelemetrySetup
{
    public static void AddTelemetry(this WebApplicationBuilder builder, TelemetrySettings settings)
    {
        builder.AddLogging(settings.IsJson);
        if (settings.Counts)
        {
            builder.Services.AddSingleton<OperationFacts>().AddHostedService(services => services.GetRequiredService<OperationFacts>());
        }

        if (settings.Served)
        {
            builder.Services.AddSingleton<MetricsBook>();
        }

        if (settings.TracesTo is not null || settings.MetricsTo is not null)
        {
            AddSending(builder.Services, settings);
        }
    }

    /// <summary>Before everything else of the pipeline.</summary>
    public static void UseTelemetry(this WebApplication app, TelemetrySettings settings)
    {
        if (settings.Served)
        {
            // Counting begins before the first request, not with the first look.
            app.Services.GetRequiredService<MetricsBook>();
        }

        if (settings.TracesTo is not null)
        {
            app.UseRequestSpans();
        }
    }

    private static void AddSending(IServiceCollection services, TelemetrySettings settings)
    {
        var name = Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") is { Length: > 0 } named ? named : "candor";
        var sending = services.AddOpenTelemetry().ConfigureResource(r => r.AddService(name));
        if (settings.TracesTo is { } traces)
        {
            sending.WithTracing(to => traces(to.AddSource(Measures.Name)));
        }

        if (settings.MetricsTo is { } metrics)
        {
            sending.WithMetrics(to => metrics(to.AddMeter([.. KnownMeasures.Meters])
                .AddView(i => KnownMeasures.LabelsOf(i.Name) is { } labels ? new MetricStreamConfiguration { TagKeys = labels } : MetricStreamConfiguration.Drop)));
        }
    }
}
