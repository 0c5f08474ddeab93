def test_b(trained):
    import cProfile, pstats
    from glassnet import api, progress
    from glassnet.drawing import paper
    progress.quiet=True
    run=api.load(trained.path)
    pr=cProfile.Profile(); pr.enable()
    run.explain(points=60)
    pr.disable()
    pstats.Stats(pr).sort_stats("cumtime").print_stats(45)
